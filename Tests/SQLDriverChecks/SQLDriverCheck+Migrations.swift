internal import MartletSQL

extension SQLDriverCheck {
    private static let first = Migration(1, "people", ["CREATE TABLE people (name TEXT)", "CREATE TABLE a (n BIGINT)"])
    private static let second = Migration(3, "ages", ["ALTER TABLE people ADD COLUMN age BIGINT"])

    static let migrations: [SQLDriverCheck] = [
        SQLDriverCheck("migrations are applied once, in order") { database in
            try require(try await database.migrate([first]) == [1], "the first")
            try require(try await database.migrate([first, second]) == [3], "the second alone")
            try require(try await database.migrate([first, second]).isEmpty, "nothing more")
            try await database.execute("INSERT INTO people (name, age) VALUES ('a', 1)")
        },
        SQLDriverCheck("a migration that fails leaves nothing of itself, and names itself") { database in
            let broken = Migration(2, "broken", ["CREATE TABLE b (n BIGINT)", "CREATE TABLE a (n BIGINT)"])
            let error = try await sqlError { try await database.migrate([first, broken]) }
            try require(error.message.contains("2 (broken)"), error.message)
            try await sqlError { _ = try await database.query("SELECT * FROM b") }
            let mended = Migration(2, "mended", ["CREATE TABLE b (n BIGINT)"])
            try require(try await database.migrate([first, mended]) == [2], "it can be mended")
        },
        SQLDriverCheck("a database newer than the program is refused") { database in
            try await database.migrate([first, second])
            let error = try await sqlError { try await database.migrate([first]) }
            try require(error.kind == .schema && error.message.contains("newer"), error.message)
        },
        SQLDriverCheck("an edited migration is refused") { database in
            try await database.migrate([first])
            let edited = Migration(1, "people", ["CREATE TABLE people (name TEXT NOT NULL)"])
            let error = try await sqlError { try await database.migrate([edited, second]) }
            try require(error.kind == .schema && error.message.contains("edited"), error.message)
            try require(try await database.migrate([first, second]) == [3], "nothing was changed by it")
        },
        SQLDriverCheck("numbers that do not grow are refused before anything is done") { database in
            for numbers in [[1, 1], [2, 1], [0], [-1]] {
                let error = try await sqlError {
                    try await database.migrate(numbers.map { Migration($0, "x", ["CREATE TABLE x (n BIGINT)"]) })
                }
                try require(error.kind == .usage, error.message)
            }
            try await sqlError { _ = try await database.query("SELECT * FROM x") }
        },
        SQLDriverCheck("of many that migrate at once, each migration is applied by one") { database in
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<8 { group.addTask { try await database.migrate([first, second]) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try require(applied.sorted() == [1, 3], "\(applied)")
        },
    ]
}
