internal import MartletCore
internal import MartletRuntime
internal import MartletSQL
internal import MartletSQLite

extension EmbeddedBus {
    /// What is wrong with the store, in words; empty when nothing is. Goes through all of it: for tests and repairs, not
    /// for `/readyz`.
    ///
    /// Checks SQLite's own structures, and what the bus keeps beside the messages against the messages: counts, and
    /// that nothing belongs to a queue that is not there or stands in two places.
    public func problems() async throws -> [String] {
        let engine = engine
        // Counts are compared with the rows of one moment.
        _ = try await group.run { _ in await engine.flush(until: MonotonicTime.now + .seconds(10)) }
        return try await engine.store.problems()
    }
}

extension BusStore {
    func problems() async throws -> [String] {
        var problems = try await database.integrityProblems()
        let bits = BusSchema.sequenceBits
        let rows = try await database.query(
            """
            SELECT q.name, q.messages, q.bytes, \
            (SELECT count(*) FROM messages WHERE id >> \(bits) = q.number) + \
            (SELECT count(*) FROM delayed WHERE queue = q.number), \
            (SELECT coalesce(sum(length(data)), 0) FROM messages WHERE id >> \(bits) = q.number) + \
            (SELECT coalesce(sum(length(data)), 0) FROM delayed WHERE queue = q.number) FROM queues q
            """)
        for row in rows {
            let name: String = try row.get(0)
            let counts: [Int] = try (1...4).map { try row.get($0) }
            if counts[0] != counts[2] { problems.append("\(name): \(counts[0]) messages are said to be \(counts[2])") }
            if counts[1] != counts[3] { problems.append("\(name): \(counts[1]) bytes are said to be \(counts[3])") }
        }
        let strays: [(String, SQLStatement)] = [
            (
                "messages without a queue",
                "SELECT count(*) FROM messages WHERE id >> \(bits) NOT IN (SELECT number FROM queues)"
            ),
            (
                "failed messages without a queue",
                "SELECT count(*) FROM delayed WHERE queue NOT IN (SELECT number FROM queues)"
            ),
            (
                "dead letters without a queue",
                "SELECT count(*) FROM dead_letters WHERE queue NOT IN (SELECT number FROM queues)"
            ),
            ("messages in two places", "SELECT count(*) FROM messages WHERE id IN (SELECT id FROM delayed)"),
        ]
        for (what, statement) in strays {
            let count: Int = try await database.single(statement)?.get(0) ?? 0
            if count > 0 { problems.append("\(count) \(what)") }
        }
        return problems
    }
}
