internal import CCrypt
internal import MartletCore

/// bcrypt, as the C library's `crypt` has it. Slow by design (0.2 s at cost 12): for ``PasswordHasher``'s threads.
struct Bcrypt: Sendable {
    /// Hashes a password under a setting, which a hash begins with. Nil when the setting is none.
    var hash: @Sendable (_ password: Password, _ setting: String) -> String?
    /// A fresh random setting. Nil when the system has no random numbers to give.
    var makeSetting: @Sendable (_ cost: Int) -> String?

    static let system = Bcrypt(hash: crypt(_:_:), makeSetting: makeSetting(cost:))

    /// Costs of hashes that are checked. Each step doubles the time: at 31 one stored hash would hold a thread for a
    /// day.
    static let costs = 4...16

    /// Whether `text` is a bcrypt hash of a cost in ``costs``. `a`, `b`, `y` and `x` are the prefixes there are; for
    /// UTF-8 the first three mean the same.
    static func isHash(_ text: String) -> Bool { cost(of: text) != nil }

    static func cost(of hash: String) -> Int? {
        let bytes = Array(hash.utf8)
        guard bytes.count == 60, bytes.starts(with: "$2".utf8), "abxy".utf8.contains(bytes[2]),
            bytes[3] == UInt8(ascii: "$"), bytes[6] == UInt8(ascii: "$"),
            bytes[4...5].allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let isEncoded = bytes[7...].allSatisfy { byte in
            switch byte {
            case 0x2E...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
        let cost = Int(bytes[4] - 0x30) * 10 + Int(bytes[5] - 0x30)
        return isEncoded && costs.contains(cost) ? cost : nil
    }

    private static func crypt(_ password: Password, _ setting: String) -> String? {
        let size = MemoryLayout<crypt_data>.size
        let state = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
        state.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defer {
            // The state holds key material; memset would be optimised away before deallocate.
            explicit_bzero(state, size)
            state.deallocate()
        }
        var phrase = password.bytes.exposed.map { CChar(bitPattern: $0) } + [0]
        defer { phrase.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } } }
        guard let hash = crypt_rn(phrase, setting, state, Int32(size)) else { return nil }
        return String(cString: hash)
    }

    private static func makeSetting(cost: Int) -> String? {
        var text = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        // No random bytes of our own: the library asks the kernel.
        guard crypt_gensalt_rn("$2a$", UInt(cost), nil, 0, &text, Int32(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
