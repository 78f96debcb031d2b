internal import MartletCore
internal import MartletSQL
internal import MartletSQLite

extension SQLLogStore {
    public func prune(_ limits: RetentionLimits) async throws -> Int {
        let oldest = clock() - limits.age.wholeNanoseconds
        var pruned = 0
        // A newer entry keeps its id from being given again.
        try await database.execute(
            "DELETE FROM logs WHERE id = (SELECT id FROM logs_last_id) AND id < (SELECT max(id) FROM logs)")
        // In steps: one large deletion would hold up everybody who writes.
        while true {
            let changes = try await database.execute(
                """
                DELETE FROM logs WHERE id IN \
                (SELECT id FROM logs WHERE created_at < \(oldest) AND id <> (SELECT id FROM logs_last_id) \
                ORDER BY created_at LIMIT 1000)
                """
            ).changes
            pruned += changes
            if changes < 1000 { break }
        }
        // One, two, four …: entries differ in size, and no more of them should go than have to.
        var step = 1
        while try await database.storedBytes() > limits.size {
            let changes = try await database.execute(
                """
                DELETE FROM logs WHERE id IN \
                (SELECT id FROM logs WHERE id <> (SELECT id FROM logs_last_id) ORDER BY id LIMIT \(step))
                """
            ).changes
            pruned += changes
            if changes == 0 { break }
            step = min(step * 2, 1000)
        }
        return pruned
    }
}
