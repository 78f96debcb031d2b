internal import MartletSQL

extension SQLDriverCheck {
    static let values: [SQLDriverCheck] = [
        SQLDriverCheck("values come back as they were put in") { database in
            try await database.execute("CREATE TABLE v (id BIGINT PRIMARY KEY, i BIGINT, r DOUBLE PRECISION, t TEXT)")
            let texts = ["", "a", "naïve 🪶", "it's; -- \"quoted\" $1 ? \\", String(repeating: "x", count: 100_000)]
            for (id, text) in texts.enumerated() {
                let integer = [Int64.min, -1, 0, 1, Int64.max][id]
                let real = [0.1, -1e300, 2.5e-308, Double.greatestFiniteMagnitude, 1.5][id]
                try await database.execute("INSERT INTO v VALUES (\(id), \(integer), \(real), \(text))")
                let row = try await database.single("SELECT i, r, t FROM v WHERE id = \(id)")
                try require(try row?.get("i") == integer, "integer \(integer)")
                try require(try row?.get("r") == real, "real \(real)")
                try require(try row?.get("t") == text, "text \(id)")
            }
        },
        SQLDriverCheck("NULL is nil, and no other value is") { database in
            try await database.execute("CREATE TABLE v (t TEXT)")
            try await database.execute("INSERT INTO v VALUES (\(String?.none))")
            try await database.execute("INSERT INTO v VALUES (\(""))")
            let rows = try await database.query("SELECT t FROM v WHERE t IS NULL")
            try require(rows.count == 1, "one row is NULL")
            try require(try rows[0].get("t", as: String?.self) == nil, "NULL reads as nil")
            let error = try await sqlError { _ = try rows[0].get("t", as: String.self) }
            try require(error.message.contains("\"t\""), "the error names the column")
        },
        SQLDriverCheck("placeholders bind by their number, in any order and repeatedly") { database in
            try await database.execute("CREATE TABLE v (a TEXT, b TEXT, c TEXT)")
            try await database.execute(
                SQLStatement("INSERT INTO v (a, b, c) VALUES ($2, $1, $2)", ["first", "second"]))
            let row = try await database.single("SELECT a, b, c FROM v")
            try require(try row?.get("a") == "second", "a")
            try require(try row?.get("b") == "first", "b")
            try require(try row?.get("c") == "second", "c")
        },
        SQLDriverCheck("a statement built from fragments keeps its values in order") { database in
            try await database.execute("CREATE TABLE v (name TEXT, age BIGINT)")
            for age in 1...5 { try await database.execute("INSERT INTO v VALUES (\("bob"), \(age))") }
            var statement: SQLStatement = "SELECT age FROM v WHERE name = \("bob")"
            statement.append(" AND age > \(2)")
            statement.append(" AND age < \(5) ORDER BY age")
            let ages: [Int] = try await database.query(statement).map { try $0.get("age") }
            try require(ages == [3, 4], "3 and 4, not \(ages)")
        },
        SQLDriverCheck("changes and RETURNING tell what a statement did") { database in
            try await database.execute("CREATE TABLE v (id BIGINT PRIMARY KEY, n BIGINT)")
            let inserted = try await database.execute("INSERT INTO v VALUES (1, 1), (2, 1), (3, 1) RETURNING id")
            try require(inserted.changes == 3, "three inserted")
            try require(try inserted.rows.map { try $0.get("id", as: Int.self) }.sorted() == [1, 2, 3], "their ids")
            try require(try await database.execute("UPDATE v SET n = 2 WHERE id > 1").changes == 2, "two updated")
            try require(try await database.execute("DELETE FROM v WHERE id = 9").changes == 0, "none deleted")
            try require(try await database.execute("CREATE TABLE w (id BIGINT)").changes == 0, "a table is no row")
        },
        SQLDriverCheck("an answer of more rows than the limit is an error, not a part of it") { database in
            try await database.execute("CREATE TABLE v (n BIGINT)")
            try await database.execute("INSERT INTO v VALUES (1), (2), (3)")
            try require(try await database.query("SELECT n FROM v", limit: 3).count == 3, "at the limit")
            let error = try await sqlError { _ = try await database.query("SELECT n FROM v", limit: 2) }
            try require(error.kind == .tooLarge, "\(error.kind)")
        },
        SQLDriverCheck("a column that is missing or of another type is named in the error") { database in
            let rows = try await database.query("SELECT 'text' AS word")
            let missing = try await sqlError { _ = try rows[0].get("number", as: Int.self) }
            try require(missing.message.contains("\"number\"") && missing.message.contains("word"), missing.message)
            let mistyped = try await sqlError { _ = try rows[0].get("word", as: Int.self) }
            try require(mistyped.message.contains("\"word\""), mistyped.message)
            let outside = try await sqlError { _ = try rows[0].get(1, as: Int.self) }
            try require(outside.kind == .usage, "\(outside.kind)")
        },
        SQLDriverCheck("a thousand callers at once all get their own answer") { database in
            try await database.execute("CREATE TABLE v (n BIGINT PRIMARY KEY)")
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        try await database.execute("INSERT INTO v VALUES (\(number)) RETURNING n").rows[0].get("n")
                            - number
                    }
                }
                for try await difference in group { try require(difference == 0, "somebody else's row") }
            }
            let count: Int? = try await database.single("SELECT COUNT(*) AS n FROM v")?.get("n")
            try require(count == 1000, "all are there")
        },
    ]
}
