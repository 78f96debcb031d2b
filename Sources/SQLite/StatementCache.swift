/// Compiled statements by their text; when it is full, the one that was not used for longest goes.
struct StatementCache {
    private var entries: [String: PreparedStatement] = [:]
    /// What was found last. A batch is mostly one statement again and again, and comparing a text with itself is cheaper
    /// than hashing it.
    private var latest: (text: String, statement: PreparedStatement)?
    private var uses = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var count: Int { entries.count }

    mutating func find(_ text: String) -> PreparedStatement? {
        if let latest, latest.text == text { return latest.statement }
        guard let statement = entries[text] else { return nil }
        latest = (text, statement)
        uses &+= 1
        statement.lastUse = uses
        return statement
    }

    /// Looking through all of them is cheap beside the compilation that made this one.
    mutating func insert(_ statement: PreparedStatement, for text: String) {
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            latest = nil
        }
        uses &+= 1
        statement.lastUse = uses
        entries[text] = statement
    }

    mutating func removeAll() {
        entries = [:]
        latest = nil
    }
}
