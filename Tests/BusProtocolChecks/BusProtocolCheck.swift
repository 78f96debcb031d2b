// What the bus's protocol promises for any bytes, for the fuzzer and for tests: no library of tests is used here, and a
// promise that is not kept is thrown.

internal import MartletEmbeddedBus
internal import MartletMessaging

public enum BusProtocolCheck {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// - Nothing traps, and no number in the input makes memory of its size.
    /// - What is read, and written again, reads as the same.
    /// - A stream gives the same frames, or the same error, in one piece and cut in two at `cut`.
    public static func run(_ input: [UInt8], cut: Int) throws {
        for read in [read(as: clientFrame), read(as: serverFrame)] {
            let whole = try read(input, [input.count])
            let inTwo = try read(input, [cut, input.count])
            try require(inTwo == whole, "cut at \(cut): \(inTwo) and not \(whole)")
        }
        try checkMessage(input)
    }

    private static func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Failure) {
        guard condition else { throw Failure(description: what()) }
    }

    /// Reads the frames of a stream that comes in pieces which end at these offsets, into a text.
    private static func read(
        as frame: @escaping (UInt8, UnsafeRawBufferPointer) throws -> String
    ) -> (_ input: [UInt8], _ endings: [Int]) throws -> String {
        { input, endings in
            let reader = FrameReader(limit: 1 << 16)
            var start = 0
            var found = ""
            for end in endings {
                do {
                    try input.withUnsafeBytes { bytes in
                        while let next = try reader.next(in: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) {
                            try require(next.size <= end - start, "took more than there is")
                            start += next.size
                            found += try frame(next.kind, next.payload) + "; "
                        }
                    }
                } catch let error as BusProtocolError {
                    return found + "\(error)"
                }
            }
            return found
        }
    }

    private static func clientFrame(_ kind: UInt8, _ payload: UnsafeRawBufferPointer) throws -> String {
        let frame = try ClientFrame(kind: kind, payload)
        var writer = ByteWriter()
        frame.write(to: &writer)
        let again = try reading(writer) { try ClientFrame(kind: $0, $1) }
        try require(again == frame, "does not read back: \(frame)")
        return "\(frame)"
    }

    private static func serverFrame(_ kind: UInt8, _ payload: UnsafeRawBufferPointer) throws -> String {
        let frame = try ServerFrame(kind: kind, payload)
        var writer = ByteWriter()
        frame.write(to: &writer)
        let again = try reading(writer) { try ServerFrame(kind: $0, $1) }
        // A code that this side does not know becomes one it does, and a long wait a day.
        var third = ByteWriter()
        again.write(to: &third)
        try require(third.bytes == writer.bytes, "does not read back: \(frame)")
        return "\(frame)"
    }

    /// What was written must be read: here an error of the protocol is a failure.
    private static func reading<Frame>(
        _ writer: ByteWriter, _ body: (UInt8, UnsafeRawBufferPointer) throws -> Frame
    ) throws -> Frame {
        do {
            return try writer.bytes.withUnsafeBytes { bytes in
                try body(bytes[4], UnsafeRawBufferPointer(rebasing: bytes.dropFirst(5)))
            }
        } catch {
            throw Failure(description: "what was written cannot be read: \(error)")
        }
    }

    /// The input as a stored message.
    private static func checkMessage(_ input: [UInt8]) throws {
        guard let message = try? MessageCoding.decode(input) else { return }
        // Repeated headers are one afterwards; from then on nothing changes.
        let again = try? MessageCoding.decode(MessageCoding.encode(message))
        try require(again == message, "does not read back: \(message)")
    }
}
