/// A request method (RFC 9110 §9): the registered ones as constants, any other token of up to sixteen bytes as well.
///
/// The name's bytes are the value, in two words: comparing is two integer comparisons and nothing is ever allocated.
public struct HTTPMethod: Sendable, Hashable {
    let low: UInt64
    let high: UInt64

    /// Nil unless `name` is a token (RFC 9110 §5.6.2) of 1 to 16 bytes. Methods are case-sensitive.
    public init?(_ name: String) {
        var name = name
        let method = name.withUTF8 { HTTPMethod(bytes: UnsafeRawBufferPointer($0)) }
        guard let method else { return nil }
        self = method
    }

    init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0, bytes.count <= 16 else { return nil }
        var low: UInt64 = 0
        var high: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            guard ASCII.isToken(byte) else { return nil }
            if index < 8 {
                low |= UInt64(byte) &<< UInt64(index &* 8)
            } else {
                high |= UInt64(byte) &<< UInt64((index &- 8) &* 8)
            }
        }
        self.init(low: low, high: high)
    }

    private init(low: UInt64, high: UInt64 = 0) {
        self.low = low
        self.high = high
    }

    // The names' bytes, the first lowest. Computed, so that comparing needs no lazily made global.
    public static var get: HTTPMethod { HTTPMethod(low: 0x544547) }
    public static var head: HTTPMethod { HTTPMethod(low: 0x4441_4548) }
    public static var post: HTTPMethod { HTTPMethod(low: 0x5453_4f50) }
    public static var put: HTTPMethod { HTTPMethod(low: 0x545550) }
    public static var patch: HTTPMethod { HTTPMethod(low: 0x48_4354_4150) }
    public static var delete: HTTPMethod { HTTPMethod(low: 0x4554_454c_4544) }
    public static var options: HTTPMethod { HTTPMethod(low: 0x53_4e4f_4954_504f) }
    public static var connect: HTTPMethod { HTTPMethod(low: 0x54_4345_4e4e_4f43) }
    public static var trace: HTTPMethod { HTTPMethod(low: 0x45_4341_5254) }

    /// Asks for no change of state (RFC 9110 §9.2.1).
    public var isSafe: Bool { self == .get || self == .head || self == .options || self == .trace }

    /// May be repeated with the effect of one (RFC 9110 §9.2.2).
    public var isIdempotent: Bool { isSafe || self == .put || self == .delete }

    public var name: String {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { buffer in
            let length = write(into: buffer)
            return String(bytes: UnsafeRawBufferPointer(rebasing: buffer[0..<length]))
        }
    }

    /// Writes the name (16 bytes at most) and returns its length.
    func write(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var length = 0
        for word in [low, high] {
            var rest = word
            while rest != 0, length < buffer.count {
                buffer[length] = UInt8(truncatingIfNeeded: rest)
                rest >>= 8
                length += 1
            }
        }
        return length
    }
}

extension HTTPMethod: CustomStringConvertible {
    public var description: String { name }
}
