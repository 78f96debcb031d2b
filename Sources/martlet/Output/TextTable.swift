/// Rows in columns. The last column is not padded, and on a terminal cut at its edge.
struct TextTable {
    private var rows: [[String]]
    /// Columns whose cells stand at the right, as numbers do.
    private let right: Set<Int>

    init(_ head: [String], right: Set<Int> = []) {
        rows = [head]
        self.right = right
    }

    mutating func add(_ row: [String]) { rows.append(row.map { TerminalText.line($0) }) }

    func text(width: Int? = nil) -> String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                if right.contains(column) { return padding + cell }
                return column == row.count - 1 ? cell : cell + padding
            }
            return Self.cut(cells.joined(separator: "  "), at: width) + "\n"
        }.joined()
    }

    private static func cut(_ line: String, at width: Int?) -> String {
        guard let width, line.count > width else { return line }
        return line.prefix(max(0, width - 1)) + "…"
    }
}
