internal import MartletSQL

private struct Change: Error {}

extension SQLDriverCheck {
    static let transactions: [SQLDriverCheck] = [
        SQLDriverCheck("a transaction sees what it wrote, and keeps it when it returns") { database in
            try await database.execute("CREATE TABLE v (n BIGINT)")
            let seen = try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO v VALUES (1)")
                try await transaction.execute("INSERT INTO v VALUES (2)")
                return try await transaction.query("SELECT n FROM v").count
            }
            try require(seen == 2, "it sees both rows")
            try require(try await database.query("SELECT n FROM v").count == 2, "both are kept")
        },
        SQLDriverCheck("a transaction that throws is undone, and its error comes through") { database in
            try await database.execute("CREATE TABLE v (n BIGINT)")
            do {
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO v VALUES (1)")
                    throw Change()
                }
                throw SQLDriverCheckFailure(description: "nothing was thrown")
            } catch is Change {}
            try require(try await database.query("SELECT n FROM v").isEmpty, "nothing is left")
            try await database.execute("INSERT INTO v VALUES (2)")
            try require(try await database.query("SELECT n FROM v").count == 1, "the database goes on")
        },
        SQLDriverCheck("transactions of many callers do not mix") { database in
            try await database.execute("CREATE TABLE accounts (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL)")
            try await database.execute("INSERT INTO accounts VALUES (1, 1000), (2, 1000)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await database.transaction { transaction in
                            let row = try await transaction.single("SELECT balance FROM accounts WHERE id = 1")
                            let balance: Int = try row?.get("balance") ?? 0
                            await Task.yield()
                            try await transaction.execute("UPDATE accounts SET balance = \(balance - 1) WHERE id = 1")
                            if number % 10 == 0 { throw Change() }
                            try await transaction.execute(
                                "UPDATE accounts SET balance = balance + 1 WHERE id = 2")
                        }
                    }
                }
                var undone = 0
                while let result = await group.nextResult() {
                    do { try result.get() } catch is Change { undone += 1 }
                }
                try require(undone == 10, "ten threw, not \(undone)")
            }
            let balances: [Int] = try await database.query("SELECT balance FROM accounts ORDER BY id").map {
                try $0.get(0)
            }
            try require(balances == [910, 1090], "\(balances)")
        },
        SQLDriverCheck("a statement that fails in a transaction has its error, and what is undone is all") { database in
            try await database.execute("CREATE TABLE v (n BIGINT PRIMARY KEY)")
            let error = try await sqlError {
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO v VALUES (1)")
                    try await transaction.execute("INSERT INTO v VALUES (1)")
                }
            }
            try require(error.constraint?.rule == .unique, "\(error)")
            try require(try await database.query("SELECT n FROM v").isEmpty, "nothing is left")
        },
    ]
}
