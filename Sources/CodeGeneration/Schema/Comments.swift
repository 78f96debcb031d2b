/// What the schema says about its declarations, as comments in Swift.
struct Comments {
    private let texts: [[Int32]: String]

    init(_ info: SourceInfo) {
        var texts: [[Int32]: String] = [:]
        for location in info.locations {
            let text = location.leadingComments.isEmpty ? location.trailingComments : location.leadingComments
            if !text.isEmpty { texts[location.path] = text }
        }
        self.texts = texts
    }

    /// Lines that begin with `///`, without what cannot stand in a line.
    func lines(at path: [Int32], isDeprecated: Bool = false) -> [String] {
        var lines = (texts[path] ?? "").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
            line in
            String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
        }
        lines = lines.map(Self.trimmingEnd)
        while lines.last?.isEmpty == true { lines.removeLast() }
        while lines.first?.isEmpty == true { lines.removeFirst() }
        if isDeprecated { lines += (lines.isEmpty ? [] : [""]) + [" Deprecated."] }
        // protoc leaves the blank between `//` and the text, if there is one.
        return lines.map { $0.isEmpty || $0.hasPrefix(" ") ? "///" + $0 : "/// " + $0 }
    }

    private static func trimmingEnd(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
