#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Character classes of RFC 9110 and 9112, as bit masks: a lookup is a shift, with no table to load or initialise.
enum ASCII {
    static let cr = UInt8(ascii: "\r")
    static let lf = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let colon = UInt8(ascii: ":")

    /// `tchar` (RFC 9110 §5.6.2): what names and methods are made of.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        let mask: UInt64 = byte < 64 ? 0x03ff_6cfa_0000_0000 : 0x57ff_ffff_c7ff_fffe
        return byte < 128 && mask &>> UInt64(byte & 63) & 1 == 1
    }

    /// What a host and port may consist of (RFC 3986 `host [ ":" port ]`, without user information).
    @inline(__always)
    static func isHost(_ byte: UInt8) -> Bool {
        let mask: UInt64 = byte < 64 ? 0x2fff_7ff2_0000_0000 : 0x47ff_fffe_afff_fffe
        return byte < 128 && mask &>> UInt64(byte & 63) & 1 == 1
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// The value of a hexadecimal digit, or nil.
    @inline(__always)
    static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}

extension UnsafeRawBufferPointer {
    /// Where the first `byte` is, at or after `start`; nil when there is none.
    @inline(__always)
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress else { return nil }
        guard let found = memchr(base + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// The part between two offsets, which the caller has checked.
    @inline(__always)
    func slice(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[start..<end])
    }

    /// Without spaces and tabs at both ends.
    @inline(__always)
    var trimmed: UnsafeRawBufferPointer {
        var start = 0
        var end = count
        while start < end, self[start] == ASCII.space || self[start] == ASCII.tab { start &+= 1 }
        while end > start, self[end &- 1] == ASCII.space || self[end &- 1] == ASCII.tab { end &-= 1 }
        return slice(start, end)
    }

    /// Equal but for the case of ASCII letters. `lowercase` is given in lower case.
    @inline(__always)
    func equalsIgnoringCase(_ lowercase: StaticString) -> Bool {
        guard count == lowercase.utf8CodeUnitCount else { return false }
        let other = lowercase.utf8Start
        for index in 0..<count where ASCII.lowercased(self[index]) != other[index] { return false }
        return true
    }

    func equalsIgnoringCase(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where ASCII.lowercased(self[index]) != ASCII.lowercased(other[index]) { return false }
        return true
    }

    func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard count > 0, let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }

    /// Whether this could be a field value: no control character but the tab, no DEL (RFC 9110 §5.5).
    var isFieldValue: Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var index = 0
        while index &+ 8 <= count {
            let word = loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let delete = word ^ (ones &* 0x7f)
            // Which of the eight bytes are below 0x20, or are 0x7f. Exact as to whether there is any.
            let suspects = ((word &- ones &* 0x20) & ~word | (delete &- ones) & ~delete) & tops
            if suspects != 0 {
                for offset in index..<(index &+ 8) where !Self.isFieldByte(self[offset]) { return false }
            }
            index &+= 8
        }
        while index < count {
            if !Self.isFieldByte(self[index]) { return false }
            index &+= 1
        }
        return true
    }

    @inline(__always)
    private static func isFieldByte(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7f || byte == ASCII.tab
    }

    var isToken: Bool {
        guard !isEmpty else { return false }
        for byte in self where !ASCII.isToken(byte) { return false }
        return true
    }

    /// Calls `body` with each element of a comma-separated list, trimmed; empty elements are skipped (RFC 9110 §5.6.1).
    @inline(__always)
    func forEachListElement(_ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        while start <= count {
            let end = firstIndex(of: UInt8(ascii: ","), from: start) ?? count
            let element = slice(start, end).trimmed
            if !element.isEmpty { body(element) }
            start = end + 1
        }
    }
}

extension String {
    init(bytes: UnsafeRawBufferPointer) {
        self.init(decoding: bytes, as: UTF8.self)
    }
}
