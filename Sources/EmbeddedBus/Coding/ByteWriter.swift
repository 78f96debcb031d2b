/// Appends numbers and texts in the form that ``ByteReader`` reads: big-endian, texts behind their length.
package struct ByteWriter {
    package var bytes: [UInt8] = []

    package init() {}

    mutating func write(_ value: UInt8) { bytes.append(value) }

    mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Up to 255 bytes; what is longer was refused before it came here, and is cut at a character.
    mutating func write(short text: String) {
        var text = text
        while text.utf8.count > 255 { text.unicodeScalars.removeLast() }
        bytes.append(UInt8(truncatingIfNeeded: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Up to 65,535 bytes; longer ones are cut at a character.
    mutating func write(long text: String) {
        var text = text
        while text.utf8.count > 65_535 { text.unicodeScalars.removeLast() }
        write(UInt16(truncatingIfNeeded: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Everything that follows to the end.
    mutating func write(rest: some Sequence<UInt8>) { bytes.append(contentsOf: rest) }
}
