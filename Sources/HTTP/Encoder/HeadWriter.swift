#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Writes a head into memory whose size was computed beforehand. Only the encoders use it; they give it room for the
/// longest head that the message at hand can have.
struct HeadWriter {
    private let base: UnsafeMutableRawPointer
    private(set) var count = 0

    /// `buffer` has a base address: it is not empty.
    init?(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress else { return nil }
        self.base = base
    }

    @inline(__always)
    mutating func write(_ text: StaticString) {
        memcpy(base + count, text.utf8Start, text.utf8CodeUnitCount)
        count &+= text.utf8CodeUnitCount
    }

    @inline(__always)
    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        memcpy(base + count, source, bytes.count)
        count &+= bytes.count
    }

    @inline(__always)
    mutating func write(byte: UInt8) {
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    /// In decimal; 20 bytes at most.
    mutating func write(decimal value: Int) {
        if value >= 0, value < 10 { return write(byte: 0x30 &+ UInt8(truncatingIfNeeded: value)) }
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var rest = value.magnitude
            var start = 20
            repeat {
                start &-= 1
                digits[start] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            write(UnsafeRawBufferPointer(rebasing: digits[start..<20]))
        }
    }

    mutating func write(hexadecimal value: Int) {
        var shift = 60
        while shift > 0, value &>> shift == 0 { shift &-= 4 }
        while shift >= 0 {
            let nibble = UInt8(truncatingIfNeeded: value &>> shift) & 15
            write(byte: nibble < 10 ? nibble &+ 0x30 : nibble &+ 0x57)
            shift &-= 4
        }
    }

    /// The fields of `headers` but those in `excluded`: one copy when there is nothing to leave out.
    @inline(__always)
    mutating func write(_ headers: HTTPHeaders, excluding excluded: KnownFields) {
        guard let block = headers.block else { return }
        if block.isWireForm, block.known.isDisjoint(with: excluded) {
            write(block.contents)
        } else {
            writeSelected(block, excluding: excluded)
        }
    }

    private mutating func writeSelected(_ block: HeadBlock, excluding excluded: KnownFields) {
        for index in 0..<block.fieldCount {
            guard KnownFields(name: block.name(index)).isDisjoint(with: excluded) else { continue }
            write(block.name(index))
            write(": ")
            write(block.value(index))
            write("\r\n")
        }
    }

    /// What the fields take at most.
    static func size(of headers: HTTPHeaders) -> Int {
        guard let block = headers.block else { return 0 }
        return block.count + block.fieldCount * 4
    }
}
