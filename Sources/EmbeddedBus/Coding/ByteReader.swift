/// Reads what ``ByteWriter`` wrote, from anybody: what is missing or malformed is an error, never a trap.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    mutating func read() throws(BusProtocolError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func read<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(BusProtocolError) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw .truncated }
        defer { position += size }
        return Value(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
    }

    mutating func readBool() throws(BusProtocolError) -> Bool {
        switch try read() as UInt8 {
        case 0: return false
        case 1: return true
        default: throw .malformed("a flag is neither 0 nor 1")
        }
    }

    mutating func readShort() throws(BusProtocolError) -> String {
        try readText(Int(try read() as UInt8))
    }

    mutating func readLong() throws(BusProtocolError) -> String {
        try readText(Int(try read() as UInt16))
    }

    mutating func readBytes(_ count: Int) throws(BusProtocolError) -> [UInt8] {
        guard remaining >= count else { throw .truncated }
        defer { position += count }
        return [UInt8](bytes[position..<position + count])
    }

    mutating func readRest() -> [UInt8] {
        defer { position = bytes.count }
        return [UInt8](bytes[position...])
    }

    /// A number of things that follow, each of at least `size` bytes: what cannot all be there is refused before any
    /// memory is taken for it.
    mutating func readCount(of size: Int) throws(BusProtocolError) -> Int {
        let count = Int(try read() as UInt32)
        guard count <= remaining / max(1, size) else { throw .truncated }
        return count
    }

    func expectEnd() throws(BusProtocolError) {
        guard remaining == 0 else { throw .malformed("bytes follow the end") }
    }

    private mutating func readText(_ count: Int) throws(BusProtocolError) -> String {
        guard remaining >= count else { throw .truncated }
        defer { position += count }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
        guard let text = String(validating: slice, as: UTF8.self) else { throw .malformed("a text is not UTF-8") }
        return text
    }
}

/// Why bytes were not understood. The connection that they came by is closed.
package enum BusProtocolError: Error, Hashable, CustomStringConvertible {
    case truncated
    case tooLarge(Int)
    case malformed(String)
    /// The other side speaks another version.
    case version(UInt8)

    package var description: String {
        switch self {
        case .truncated: "a frame ends early"
        case .tooLarge(let size): "a frame of \(size) bytes is too large"
        case .malformed(let what): what
        case .version(let version): "the other side speaks version \(version) of the bus's protocol"
        }
    }
}
