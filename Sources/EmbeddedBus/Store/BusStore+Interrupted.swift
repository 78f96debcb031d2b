internal import MartletCore
internal import MartletMessaging
internal import MartletSQL
internal import MartletSQLite

extension BusStore {
    /// Counts an attempt for each of these messages that is still there as it was when it was delivered. A process that
    /// dies in the middle of this and begins again counts none of them twice.
    func count(interrupted begun: [BegunDelivery], at now: Int64) async throws -> (again: Int, died: Int) {
        let queues = Dictionary(try await queues().map { ($0.number, $0) }) { first, _ in first }
        var counted = (again: 0, died: 0)
        // With their bodies, and so a few at a time.
        for start in stride(from: 0, to: begun.count, by: 16) {
            var plan = WritePlan()
            plan.at = now
            for delivery in begun[start..<min(start + 16, begun.count)] {
                guard let queue = queues[delivery.id >> BusSchema.sequenceBits], queue.kind == .shared,
                    var message = try await message(delivery)
                else { continue }
                message.attempts += 1
                if message.attempts >= queue.maximumAttempts {
                    plan.deaths.append(
                        WritePlan.Death(
                            message: message, queue: queue.number,
                            reason: "\(message.attempts) attempts failed; the last: the process that keeps the bus "
                                + "died while it was being handled", diedAt: now))
                    plan.count(queue.number, messages: -1, bytes: -message.data.count)
                } else {
                    let delay = BusEngine.delay(afterDeath: message.attempts).wholeNanoseconds / 1_000_000
                    plan.delays.append(WritePlan.Delay(message: message, queue: queue.number, due: now + delay))
                }
            }
            if !plan.isEmpty { try await write(plan) }
            counted.again += plan.delays.count
            counted.died += plan.deaths.count
        }
        return counted
    }

    private func message(_ delivery: BegunDelivery) async throws -> StoredMessage? {
        let isDelayed = delivery.attempts > 0
        var statement: SQLStatement = isDelayed ? "SELECT data FROM delayed" : "SELECT data FROM messages"
        statement.append(" WHERE id = \(delivery.id) AND at = \(delivery.at)")
        if isDelayed { statement.append(" AND attempts = \(delivery.attempts)") }
        guard let row = try await database.single(statement) else { return nil }
        return StoredMessage(
            id: delivery.id, attempts: delivery.attempts, at: delivery.at, data: try row.get(0), isDelayed: isDelayed)
    }
}
