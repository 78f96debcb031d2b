/// Cuts a stream into frames: four bytes of length, one of kind, and what belongs to the kind. Pure: bytes in, frames
/// out, in whatever pieces they come.
package struct FrameReader {
    static let headerSize = 5
    /// Of a frame's payload.
    let limit: Int

    package init(limit: Int) { self.limit = limit }

    /// The next frame, or nil when not all of it is there.
    /// - Returns: its kind, its payload (valid as long as `bytes`), and how many bytes it took.
    package func next(
        in bytes: UnsafeRawBufferPointer
    ) throws(BusProtocolError) -> (kind: UInt8, payload: UnsafeRawBufferPointer, size: Int)? {
        guard bytes.count >= Self.headerSize else { return nil }
        let length = Int(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        // Before the rest is waited for, or room is made for it.
        guard length <= limit else { throw .tooLarge(length) }
        let end = Self.headerSize + length
        guard bytes.count >= end else { return nil }
        return (bytes[4], UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize..<end]), end)
    }
}

extension ByteWriter {
    /// A frame of this kind around what `body` writes.
    mutating func frame(_ kind: UInt8, _ body: (inout ByteWriter) -> Void) {
        let start = bytes.count
        write(UInt32(0))
        write(kind)
        body(&self)
        let length = UInt32(truncatingIfNeeded: bytes.count - start - FrameReader.headerSize)
        withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
    }
}

/// The bus's protocol on its socket. The client speaks first; each side says its version, and one that is not the
/// other's ends the connection with a text that says so.
enum BusProtocol {
    static let version: UInt8 = 1
    static let greeting: [UInt8] = Array("MBUS".utf8)
    /// How often each side says that it is there.
    static let pulse: Duration = .seconds(10)

    static func frameLimit(messageByteLimit: Int) -> Int { messageByteLimit + 64 << 10 }
}
