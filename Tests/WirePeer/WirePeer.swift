// Reads messages in one encoding and writes them in another, for a test that has the real library on the other side.
// A request is the bytes of `KIND FROM TO LENGTH PAYLOAD`: one letter each for the message's type (`a`ll kinds,
// `c`ontainers, `w`ell-known, `n`est) and the encodings (`b`inary, `j`son), four bytes for the length, big-endian. An
// answer is a byte that is 0, or 1 for an error whose text follows, then a length and a payload likewise.

internal import Glibc
internal import MartletWire
internal import WireMessages

@main enum WirePeer {
    static func main() {
        while let head = read(7) {
            let count = head[3...].reduce(0) { $0 << 8 | Int($1) }
            guard count <= 64 << 20, let payload = read(count) else { return }
            var status: UInt8 = 0
            var answer: [UInt8]
            do {
                answer = try convert(head, payload)
            } catch {
                status = 1
                answer = Array("\(error)".utf8)
            }
            write([status] + (0..<4).reversed().map { UInt8(truncatingIfNeeded: answer.count >> ($0 * 8)) } + answer)
        }
    }

    private static func convert(_ head: [UInt8], _ payload: [UInt8]) throws -> [UInt8] {
        switch head[0] {
        case UInt8(ascii: "a"): try convert(AllKinds.self, head, payload)
        case UInt8(ascii: "c"): try convert(Containers.self, head, payload)
        case UInt8(ascii: "w"): try convert(WellKnown.self, head, payload)
        default: try convert(Nest.self, head, payload)
        }
    }

    private static func convert<Value: Message>(
        _ type: Value.Type, _ head: [UInt8], _ payload: [UInt8]
    ) throws -> [UInt8] {
        let value =
            if head[1] == UInt8(ascii: "j") {
                try JSON.decode(type, from: payload, options: .proto3)
            } else {
                try Protobuf.decode(type, from: payload, limits: ProtobufLimits(size: .max))
            }
        return head[2] == UInt8(ascii: "j") ? JSON.encode(value, options: .proto3) : Protobuf.encode(value)
    }

    /// Nil at the end of the input.
    private static func read(_ count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            while used < count {
                let more = Glibc.read(STDIN_FILENO, buffer.baseAddress.map { $0 + used }, count - used)
                if more <= 0 { return }
                used += more
            }
        }
        return bytes.count == count ? bytes : nil
    }

    private static func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let more = Glibc.write(STDOUT_FILENO, buffer.baseAddress.map { $0 + written }, buffer.count - written)
                if more <= 0 { return }
                written += more
            }
        }
    }
}
