/// Swift, line by line, in the format that `swift format` leaves alone.
struct SourceWriter {
    private static let width = 120

    private(set) var text = ""
    private var depth = 0

    mutating func line(_ line: String = "") {
        text += line.isEmpty ? "\n" : String(repeating: "    ", count: depth) + line + "\n"
    }

    mutating func lines(_ lines: [String]) {
        for line in lines { self.line(line) }
    }

    mutating func block(_ head: String, _ body: (inout SourceWriter) -> Void) {
        open(head)
        body(&self)
        close()
    }

    /// A block that ``close()`` ends.
    mutating func open(_ head: String) {
        line(head + " {")
        depth += 1
    }

    mutating func close() {
        depth -= 1
        guard text.hasSuffix(" {\n") else { return line("}") }
        text.removeLast()
        text += "}\n"
    }

    /// `head` with parameters in parentheses and a body: `init(a: Int = 0) {`; on several lines where one is too short.
    mutating func function(
        _ head: String, _ parameters: [String], _ tail: String = "", _ body: (inout SourceWriter) -> Void
    ) {
        let whole = "\(head)(\(parameters.joined(separator: ", ")))\(tail)"
        if fits(whole + " {") { return block(whole, body) }
        line(head + "(")
        indented(parameters, end: "")
        block(")" + tail, body)
    }

    /// A call that is a statement, or the end of one.
    mutating func call(_ head: String, _ arguments: [String]) {
        let whole = "\(head)(\(arguments.joined(separator: ", ")))"
        if fits(whole) { return line(whole) }
        line(head + "(")
        indented(arguments, end: ")")
    }

    /// On one line if that is wide enough, else its parts on lines of their own.
    mutating func braces(_ head: String, _ content: String, orLines lines: [String]) {
        let whole = "\(head) { \(content) }"
        if fits(whole) { return line(whole) }
        block(head) { $0.lines(lines) }
    }

    private func fits(_ line: String) -> Bool { depth * 4 + line.count <= Self.width }

    private mutating func indented(_ items: [String], end: String) {
        depth += 1
        for (index, item) in items.enumerated() { line(item + (index + 1 < items.count ? "," : end)) }
        depth -= 1
    }
}
