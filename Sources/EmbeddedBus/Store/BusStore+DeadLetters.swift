internal import MartletMessaging
internal import MartletSQL
internal import MartletSQLite

/// A dead letter as the store has it.
struct StoredDeadLetter: Sendable {
    var number: Int64
    var queue: Int64
    var attempts: Int
    var at: Int64
    var diedAt: Int64
    var reason: String
    var data: [UInt8]
}

extension BusStore {
    /// - Parameter last: none with a greater number, so that a page after page comes to an end.
    func deadLetters(
        ofQueue queue: Int64?, after number: Int64, through last: Int64 = .max, limit: Int
    ) async throws -> [StoredDeadLetter] {
        var limit = limit
        while true {
            var statement: SQLStatement = "SELECT number, queue, attempts, at, died_at, reason, data FROM dead_letters"
            statement.append(" WHERE number > \(number) AND number <= \(last)")
            if let queue { statement.append(" AND queue = \(queue)") }
            statement.append(" ORDER BY number LIMIT \(limit)")
            do {
                return try await database.query(statement, limit: limit).map { row in
                    StoredDeadLetter(
                        number: try row.get(0), queue: try row.get(1), attempts: try row.get(2), at: try row.get(3),
                        diedAt: try row.get(4), reason: try row.get(5), data: try row.get(6))
                }
            } catch let error as SQLError where error.kind == .tooLarge && limit > 1 {
                limit /= 2
            }
        }
    }

    func lastDeadLetter() async throws -> Int64 {
        try await database.single("SELECT coalesce(max(number), 0) FROM dead_letters")?.get(0) ?? 0
    }

    /// How many dead letters each queue has, by the index alone; they are bounded.
    func deadLetterCounts() async throws -> [Int64: Int] {
        var counts: [Int64: Int] = [:]
        for row in try await database.query("SELECT queue, count(*) FROM dead_letters GROUP BY queue") {
            counts[try row.get(0)] = try row.get(1)
        }
        return counts
    }

    func deleteDeadLetters(numbered numbers: [Int64]) async throws -> Int {
        try await database.transaction { transaction in
            var count = 0
            for number in Set(numbers) {
                count += try await transaction.execute("DELETE FROM dead_letters WHERE number = \(number)").changes
            }
            return count
        }
    }

    func deleteDeadLetters(ofQueue queue: Int64?) async throws -> Int {
        var count = 0
        while true {
            var chosen: SQLStatement = "DELETE FROM dead_letters WHERE number IN (SELECT number FROM dead_letters"
            if let queue { chosen.append(" WHERE queue = \(queue)") }
            chosen.append(" LIMIT 1000)")
            let changes = try await database.execute(chosen).changes
            count += changes
            if changes < 1000 { return count }
        }
    }

    /// Forgets the oldest that the limits have no room for.
    func pruneDeadLetters(diedBefore time: Int64, count: Int, bytes: Int) async throws -> Int {
        var pruned = 0
        while true {
            let changes = try await database.execute(
                """
                DELETE FROM dead_letters WHERE number IN (SELECT number FROM \
                (SELECT number, died_at FROM dead_letters ORDER BY number LIMIT 1000) WHERE died_at < \(time))
                """
            ).changes
            pruned += changes
            if changes < 1000 { break }
        }
        var step = 1
        while true {
            let row = try await database.single(
                "SELECT count(*), coalesce(sum(size), 0) FROM dead_letters INDEXED BY dead_letters_queue")
            guard let row, try row.get(0) > count || row.get(1) > bytes else { return pruned }
            let changes = try await database.execute(
                "DELETE FROM dead_letters WHERE number IN (SELECT number FROM dead_letters ORDER BY number LIMIT \(step))"
            ).changes
            pruned += changes
            if changes == 0 { return pruned }
            step = min(step * 2, 1000)
        }
    }
}
