public import MartletCore

/// What a queue wants of a topic exchange: routing keys in which `*` stands for one word and `#` for any number of them,
/// none included (AMQP 0-9-1, 3.1.3.3).
///
///     log.INFO      that key
///     log.*         log.INFO, not log nor log.INFO.disk
///     log.#         log, log.INFO, log.INFO.disk
///
/// NATS has only `*` and a `>` at the end; a pattern that is to work there as well keeps its `#` for the end.
public struct TopicPattern: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    private let words: [Word]

    private enum Word: Hashable, Sendable {
        case word(Substring)
        case one
        case many
    }

    /// - Throws: `invalidArgument` for what is no pattern.
    public init(_ text: String) throws(ServiceError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 255,
            parts.allSatisfy({ $0 == "*" || $0 == "#" || TopicPattern.isWord($0) })
        else {
            throw ServiceError(
                .invalidArgument,
                "'\(text.prefix(64))' is no pattern of routing keys: words, '*' and '#' with dots between, up to 255 bytes"
            )
        }
        description = text
        words = parts.map { $0 == "*" ? .one : $0 == "#" ? .many : .word($0) }
    }

    /// Whether a key is one that messages may have.
    public static func isRoutingKey(_ key: String) -> Bool {
        var wordLength = 0
        var count = 0
        for byte in key.utf8 {
            count += 1
            if byte == UInt8(ascii: ".") {
                if wordLength == 0 { return false }
                wordLength = 0
            } else {
                guard isWordByte(byte) else { return false }
                wordLength += 1
            }
        }
        return wordLength > 0 && count <= 255
    }

    private static func isWord(_ part: Substring) -> Bool { !part.isEmpty && part.utf8.allSatisfy(isWordByte) }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// In time of at most words of the pattern times words of the key, whatever they are.
    public func matches(_ key: String) -> Bool {
        let keyWords = key.split(separator: ".", omittingEmptySubsequences: false)
        // reachable[n]: the words of the pattern so far can stand for the first n words of the key.
        var reachable = [Bool](repeating: false, count: keyWords.count + 1)
        reachable[0] = true
        for word in words {
            var next = [Bool](repeating: false, count: keyWords.count + 1)
            if word == .many { next[0] = reachable[0] }
            for index in keyWords.indices {
                switch word {
                case .word(let text): next[index + 1] = reachable[index] && keyWords[index] == text
                case .one: next[index + 1] = reachable[index]
                case .many: next[index + 1] = reachable[index + 1] || next[index]
                }
            }
            reachable = next
        }
        return reachable[keyWords.count]
    }
}
