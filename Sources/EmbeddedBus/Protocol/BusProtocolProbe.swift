/// The protocol's parsers for the fuzzer, which is another module: texts of what was read, and traps when a promise is
/// not kept.
package enum BusProtocolProbe {
    /// The stream as a client's and as an owner's, given in pieces that end at these offsets.
    package static func read(_ input: [UInt8], endings: [Int]) -> String {
        "\(read(input, endings, Self.clientFrame)) / \(read(input, endings, Self.serverFrame))"
    }

    private static func read(
        _ input: [UInt8], _ endings: [Int],
        _ frame: (UInt8, UnsafeRawBufferPointer) throws(BusProtocolError) -> String
    ) -> String {
        let reader = FrameReader(limit: 1 << 16)
        var start = 0
        var found = ""
        for end in endings {
            let error: BusProtocolError? = input.withUnsafeBytes { bytes in
                do throws(BusProtocolError) {
                    while let next = try reader.next(in: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) {
                        precondition(next.size <= end - start, "took more than there is")
                        start += next.size
                        found += try frame(next.kind, next.payload) + "; "
                    }
                    return nil
                } catch {
                    return error
                }
            }
            if let error { return found + "\(error)" }
        }
        return found
    }

    private static func clientFrame(
        _ kind: UInt8, _ payload: UnsafeRawBufferPointer
    ) throws(BusProtocolError) -> String {
        let frame = try ClientFrame(kind: kind, payload)
        var writer = ByteWriter()
        frame.write(to: &writer)
        let again = try writer.bytes.withUnsafeBufferPointer { bytes throws(BusProtocolError) in
            try ClientFrame(
                kind: bytes[4], UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes).dropFirst(5)))
        }
        precondition(again == frame, "does not read back: \(frame)")
        return "\(frame)"
    }

    private static func serverFrame(
        _ kind: UInt8, _ payload: UnsafeRawBufferPointer
    ) throws(BusProtocolError) -> String {
        let frame = try ServerFrame(kind: kind, payload)
        var writer = ByteWriter()
        frame.write(to: &writer)
        let again = try writer.bytes.withUnsafeBufferPointer { bytes throws(BusProtocolError) in
            try ServerFrame(
                kind: bytes[4], UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes).dropFirst(5)))
        }
        // A code that this side does not know becomes one it does, and a long wait a day.
        var third = ByteWriter()
        again.write(to: &third)
        precondition(third.bytes == writer.bytes, "does not read back: \(frame)")
        return "\(frame)"
    }

    /// The input as a stored message.
    package static func checkMessage(_ input: [UInt8]) {
        guard let message = try? MessageCoding.decode(input) else { return }
        // Repeated headers are one afterwards; from then on nothing changes.
        let bytes = MessageCoding.encode(message)
        precondition((try? MessageCoding.decode(bytes)) == message, "does not read back: \(message)")
    }
}
