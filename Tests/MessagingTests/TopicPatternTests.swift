import MartletCore
import MartletMessaging
import Testing

@Suite("A pattern of routing keys")
struct TopicPatternTests {
    @Test(
        "matches the keys that it stands for",
        arguments: [
            ("log.INFO", "log.INFO", true), ("log.INFO", "log.INFO.disk", false), ("log.INFO", "log", false),
            ("log.*", "log.INFO", true), ("log.*", "log", false), ("log.*", "log.INFO.disk", false),
            ("log.#", "log", true), ("log.#", "log.INFO", true), ("log.#", "log.INFO.disk", true),
            ("log.#", "logs", false), ("#", "a", true), ("#", "a.b.c", true), ("*", "a", true), ("*", "a.b", false),
            ("#.ERROR", "ERROR", true), ("#.ERROR", "a.b.ERROR", true), ("#.ERROR", "ERROR.a", false),
            ("a.#.z", "a.z", true), ("a.#.z", "a.b.c.z", true), ("a.#.z", "a.b.c", false),
            ("*.#.*", "a.b", true), ("*.#.*", "a", false), ("#.#", "a", true), ("*.*.c", "a.b.c", true),
        ])
    func matches(pattern: String, key: String, isMatch: Bool) throws {
        #expect(try TopicPattern(pattern).matches(key) == isMatch)
    }

    @Test("takes no time that grows with what a hostile one could ask for")
    func hostile() throws {
        let pattern = try TopicPattern(Array(repeating: "#.a", count: 60).joined(separator: "."))
        #expect(!pattern.matches(Array(repeating: "a", count: 120).joined(separator: ".") + ".b"))
    }

    @Test("is refused when it is none", arguments: ["", ".", "a.", ".a", "a..b", "a b", "a*", "##", "a.b>", "ä"])
    func refused(text: String) {
        #expect(throws: ServiceError.self) { try TopicPattern(text) }
    }

    @Test("is no routing key when it has wildcards", arguments: ["*", "a.#", "", "a.", "a..b", "a/b"])
    func noKey(text: String) {
        #expect(!TopicPattern.isRoutingKey(text))
    }
}
