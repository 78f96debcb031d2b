internal import MartletSQL

/// What a transaction's body is given. Its statements run at once, on the writer's thread, where the body runs too.
struct SQLiteTransaction: SQLTransaction {
    let writer: SQLiteWriter
    let state: TransactionState

    func query(_ statement: SQLStatement, limit: Int) async throws -> SQLRows {
        try await writer.onThread { [state] in try $0.execute(statement, .read(rowLimit: limit), in: state).rows }
    }

    func execute(_ statement: SQLStatement) async throws -> SQLResult {
        try await writer.onThread { [state] in try $0.execute(statement, .write, in: state) }
    }
}
