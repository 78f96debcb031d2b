/// An argument that is no flag.
struct Operand: Sendable {
    /// As help shows it: `NAME`.
    let name: String
    /// What it may be; nil for anything.
    var words: Words?
    var isOptional = false
    /// Takes all the arguments that are left.
    var isRepeated = false

    /// A closed set of words, and what one of them is called: a `service`.
    struct Words: Sendable {
        let noun: String
        let all: [String]
    }

    /// `NAME`, `[NAME]`, `NAME…`, `[NAME…]`.
    var shown: String {
        let repeated = isRepeated ? name + "…" : name
        return isOptional ? "[\(repeated)]" : repeated
    }

    /// What is wrong with `text` as this operand; nil when nothing is.
    func problem(with text: String) -> String? {
        guard let words, !words.all.contains(text) else { return nil }
        return Spelling.unknown(text, among: words)
    }
}
