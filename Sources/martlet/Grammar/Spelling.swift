/// Answers to words that are not known.
enum Spelling {
    /// `there is no service "loger"; did you mean logger?`; where nothing is near, what there is, or `otherwise`.
    static func unknown(_ text: String, among words: Operand.Words, else otherwise: String? = nil) -> String {
        let hint =
            nearest(to: text, among: words.all).map { "did you mean \($0)?" } ?? otherwise
            ?? "there \(words.all.count == 1 ? "is" : "are") \(words.all.joined(separator: ", "))"
        return "there is no \(words.noun) \"\(TerminalText.line(text, limit: 64))\"; \(hint)"
    }

    /// The word that differs by two letters at most, of those that differ least the first.
    static func nearest(to text: String, among words: [String]) -> String? {
        let best = words.map { (word: $0, distance: distance(text, $0)) }.min { $0.distance < $1.distance }
        guard let best, best.distance <= min(2, text.utf8.count - 1) else { return nil }
        return best.word
    }

    /// How many letters must be put in, taken out, replaced, or swapped with the next (optimal string alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count <= 64, right.count <= 64 else { return .max }
        var rows = [Array(0...right.count)]
        for (i, byte) in left.enumerated() {
            var row = [i + 1]
            for (j, other) in right.enumerated() {
                var best = min(rows[i][j] + (byte == other ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, byte == right[j - 1], left[i - 1] == other { best = min(best, rows[i - 1][j - 1] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
