internal import COpenSSL

/// What a browser shows to be known again: 256 random bits. Whoever has it is the user, so that it is never logged, and
/// the store keeps its hash alone: a copy of the store opens nobody's session.
struct SessionToken: Sendable {
    private let words: [UInt64]

    /// A new one. The generator is the system's, `getrandom(2)` on Linux.
    init() {
        var generator = SystemRandomNumberGenerator()
        words = (0..<4).map { _ in generator.next() }
    }

    /// Nil for what ``text`` does not write.
    init?(_ text: String) {
        guard text.utf8.count == 64, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        var words: [UInt64] = []
        var rest = text.utf8[...]
        while !rest.isEmpty {
            guard let word = UInt64(Substring(rest.prefix(16)), radix: 16) else { return nil }
            words.append(word)
            rest = rest.dropFirst(16)
        }
        self.words = words
    }

    /// 64 lower-case hexadecimal digits.
    var text: String {
        words.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// SHA-256 of the token's bytes. Neither slow nor salted, as a password's has to be: there is nothing to guess.
    var hash: [UInt8] {
        let bytes = words.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
        return [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
            _ = SHA256(bytes, bytes.count, digest.baseAddress)
            count = Int(SHA256_DIGEST_LENGTH)
        }
    }
}
