internal import CZlib
internal import MartletCore

/// How a message is made smaller (https://github.com/grpc/grpc/blob/master/doc/compression.md).
public enum GRPCCompression: String, Sendable, Hashable {
    case identity
    case gzip

    init?(_ name: UnsafeRawBufferPointer) {
        if name.equals("identity") { self = .identity } else if name.equals("gzip") { self = .gzip } else { return nil }
    }

    /// A message smaller than this, in bytes, is sent as it is: it would hardly get smaller.
    static let worthwhile = 256
}

/// gzip (RFC 1952) of one message at a time, by zlib.
enum Gzip {
    private static let windowBits: Int32 = 15 + 16
    private static let pieceSize = 64 << 10

    /// - Parameter limit: of what comes out, in bytes: more is not even made.
    /// - Throws: `resourceExhausted` past the limit, `internal` for what is not gzip, or not all of it.
    static func decompress(_ input: UnsafeRawBufferPointer, limit: Int) throws(ServiceError) -> [UInt8] {
        var stream = z_stream()
        guard martlet_inflateInit2(&stream, windowBits) == Z_OK else { throw noMemory }
        defer { inflateEnd(&stream) }
        feed(&stream, input)
        var output: [UInt8] = []
        while true {
            // One byte past the limit tells what is too long from what just fits.
            let room = min(pieceSize, limit + 1 - output.count)
            let status = append(to: &output, atMost: room, &stream) { inflate($0, Z_NO_FLUSH) }
            guard output.count <= limit else {
                throw ServiceError(.resourceExhausted, "a message of more than \(limit) bytes when decompressed")
            }
            switch status {
            case Z_STREAM_END where stream.avail_in == 0: return output
            case Z_OK where stream.avail_in > 0 || stream.avail_out == 0: continue
            case Z_MEM_ERROR: throw noMemory
            default: throw ServiceError(.internal, "a compressed message is not valid gzip")
            }
        }
    }

    /// - Throws: `resourceExhausted` when there is no memory.
    static func compress(_ input: UnsafeRawBufferPointer) throws(ServiceError) -> [UInt8] {
        var stream = z_stream()
        guard martlet_deflateInit2(&stream, Z_DEFAULT_COMPRESSION, windowBits) == Z_OK else { throw noMemory }
        defer { deflateEnd(&stream) }
        feed(&stream, input)
        var output: [UInt8] = []
        output.reserveCapacity(input.count / 3 + 64)
        while true {
            switch append(to: &output, atMost: pieceSize, &stream, { deflate($0, Z_FINISH) }) {
            case Z_STREAM_END: return output
            case Z_OK, Z_BUF_ERROR: continue
            default: throw noMemory
            }
        }
    }

    private static var noMemory: ServiceError { ServiceError(.resourceExhausted, "no memory for compression") }

    private static func feed(_ stream: inout z_stream, _ input: UnsafeRawBufferPointer) {
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(clamping: input.count)
    }

    private static func append(
        to output: inout [UInt8], atMost room: Int, _ stream: inout z_stream,
        _ work: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> Int32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { piece in
            stream.next_out = piece.baseAddress
            stream.avail_out = UInt32(clamping: room)
            let status = work(&stream)
            output.append(contentsOf: piece[0..<(room - Int(stream.avail_out))])
            return status
        }
    }
}
