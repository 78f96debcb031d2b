internal import MartletCore
internal import MartletMessaging
internal import MartletSQL
internal import MartletSQLite

/// A queue as the store knows it.
struct StoredQueue: Sendable {
    var number: Int64
    var name: String
    var kind: Queue.Kind
    var maximumAttempts: Int
    var limits: Queue.Limits
    var bindings: Set<Binding> = []
    var messages = 0
    var bytes = 0
    /// The last id that a message has, of those that are there; nil without any.
    var lastID: Int64?
    var nextDue: Int64?
}

extension BusStore {
    // MARK: What is there

    func exchanges() async throws -> [String] {
        try await database.query("SELECT name FROM exchanges").map { try $0.get(0) }
    }

    func queues() async throws -> [StoredQueue] {
        var queues = try await database.query(
            """
            SELECT number, name, kind, maximum_attempts, message_limit, byte_limit, messages, bytes FROM queues \
            ORDER BY number
            """
        ).map { row in
            StoredQueue(
                number: try row.get(0), name: try row.get(1),
                kind: Queue.Kind(rawValue: UInt8(clamping: try row.get(2, as: Int.self))) ?? .shared,
                maximumAttempts: try row.get(3),
                limits: Queue.Limits(messages: try row.get(4), bytes: try row.get(5)), messages: try row.get(6),
                bytes: try row.get(7))
        }
        for index in queues.indices {
            let number = queues[index].number
            queues[index].bindings = Set(
                try await database.query("SELECT exchange, pattern FROM bindings WHERE queue = \(number)").map { row in
                    Binding(try row.get(1), of: try row.get(0))
                })
            queues[index].lastID = try await lastID(ofQueue: number)
            queues[index].nextDue = try await database.single(
                "SELECT due FROM delayed WHERE queue = \(number) ORDER BY due LIMIT 1")?.get(0)
        }
        return queues
    }

    /// From the ends of two trees: nothing is counted or gone through.
    private func lastID(ofQueue number: Int64) async throws -> Int64? {
        let first = BusSchema.firstID(ofQueue: number)
        let last = BusSchema.lastID(ofQueue: number)
        let waiting: Int64? = try await database.single(
            "SELECT id FROM messages WHERE id BETWEEN \(first) AND \(last) ORDER BY id DESC LIMIT 1")?.get(0)
        let delayed: Int64? = try await database.single(
            "SELECT id FROM delayed WHERE id BETWEEN \(first) AND \(last) ORDER BY id DESC LIMIT 1")?.get(0)
        return [waiting, delayed].compactMap { $0 }.max()
    }

    /// The rows of the window of repeats, in order.
    func publishes(after row: Int64) async throws -> [(row: Int64, at: Int64, ids: [PublishID])] {
        try await database.query(
            "SELECT number, at, ids FROM publishes WHERE number > \(row) ORDER BY number LIMIT 64", limit: 64
        ).map { row in (try row.get(0), try row.get(1), RepeatWindow.ids(of: try row.get(2))) }
    }

    // MARK: Changes

    func insert(exchange: String) async throws {
        try await database.execute("INSERT OR IGNORE INTO exchanges (name) VALUES (\(exchange))")
    }

    /// - Returns: the new queue's number.
    func insert(_ queue: Queue) async throws -> Int64 {
        try await database.transaction { transaction in
            let result = try await transaction.execute(
                """
                INSERT INTO queues (name, kind, maximum_attempts, message_limit, byte_limit) VALUES (\(queue.name), \
                \(Int(queue.kind.rawValue)), \(queue.maximumAttempts), \(queue.limits.messages), \
                \(queue.limits.bytes)) RETURNING number
                """)
            guard let number: Int64 = try result.rows.first?.get(0), number < BusSchema.highestQueueNumber else {
                throw ServiceError(.resourceExhausted, "the bus has had as many queues as it can")
            }
            for binding in Set(queue.bindings) { try await Self.insert(binding, of: number, transaction) }
            return number
        }
    }

    func update(_ number: Int64, to queue: Queue) async throws {
        try await database.transaction { transaction in
            try await transaction.execute(
                """
                UPDATE queues SET maximum_attempts = \(queue.maximumAttempts), \
                message_limit = \(queue.limits.messages), byte_limit = \(queue.limits.bytes) WHERE number = \(number)
                """)
            for binding in Set(queue.bindings) { try await Self.insert(binding, of: number, transaction) }
        }
    }

    private static func insert(
        _ binding: Binding, of number: Int64, _ transaction: any SQLTransaction
    ) async throws {
        try await transaction.execute(
            """
            INSERT OR IGNORE INTO bindings (queue, exchange, pattern) \
            VALUES (\(number), \(binding.exchange), \(binding.pattern))
            """)
    }

    func delete(_ binding: Binding, of number: Int64) async throws {
        try await database.execute(
            """
            DELETE FROM bindings WHERE queue = \(number) AND exchange = \(binding.exchange) \
            AND pattern = \(binding.pattern)
            """)
    }

    /// The contents in steps, so that others may write in between; the queue itself last. One that was cut short is
    /// deleted when the bus is opened the next time, as exclusive ones are.
    func deleteQueue(_ number: Int64) async throws {
        try await database.execute(
            "UPDATE queues SET kind = \(Int(Queue.Kind.exclusive.rawValue)) WHERE number = \(number)")
        let first = BusSchema.firstID(ofQueue: number)
        let last = BusSchema.lastID(ofQueue: number)
        let step = 5000
        while try await database.execute(
            """
            DELETE FROM messages WHERE id IN \
            (SELECT id FROM messages WHERE id BETWEEN \(first) AND \(last) LIMIT \(step))
            """
        ).changes == step {}
        while try await database.execute(
            "DELETE FROM delayed WHERE id IN (SELECT id FROM delayed WHERE queue = \(number) LIMIT \(step))"
        ).changes == step {}
        while try await database.execute(
            """
            DELETE FROM dead_letters WHERE number IN \
            (SELECT number FROM dead_letters WHERE queue = \(number) LIMIT \(step))
            """
        ).changes == step {}
        try await database.execute("DELETE FROM queues WHERE number = \(number)")
    }
}
