internal import MartletCore
internal import MartletSQL

extension SQLDriverCheck {
    static let failures: [SQLDriverCheck] = [
        SQLDriverCheck("a broken unique index says which columns") { database in
            try await database.execute("CREATE TABLE users (email TEXT, tenant BIGINT, UNIQUE (email, tenant))")
            try await database.execute("INSERT INTO users VALUES ('a', 1)")
            let error = try await sqlError { try await database.execute("INSERT INTO users VALUES ('a', 1)") }
            try require(error.constraint?.rule == .unique, "\(error)")
            try require(error.constraint?.columns == ["email", "tenant"], "\(error)")
            try require(error.constraint?.table == "users", "\(error)")
            try require(error.serviceError.code == .alreadyExists, "\(error.serviceError)")
        },
        SQLDriverCheck("a broken primary key is a unique violation") { database in
            try await database.execute("CREATE TABLE users (id BIGINT PRIMARY KEY)")
            try await database.execute("INSERT INTO users VALUES (1)")
            let error = try await sqlError { try await database.execute("INSERT INTO users VALUES (1)") }
            try require(error.constraint?.rule == .unique, "\(error)")
            try require(error.constraint?.columns == ["id"], "\(error)")
        },
        SQLDriverCheck("NOT NULL, CHECK and foreign keys are told apart") { database in
            try await database.execute("CREATE TABLE parents (id BIGINT PRIMARY KEY)")
            try await database.execute(
                """
                CREATE TABLE children (name TEXT NOT NULL, age BIGINT CONSTRAINT grown CHECK (age > 17), \
                parent BIGINT REFERENCES parents (id))
                """)
            let null = try await sqlError { try await database.execute("INSERT INTO children (age) VALUES (20)") }
            try require(null.constraint?.rule == .notNull, "\(null)")
            try require(null.constraint?.columns == ["name"], "\(null)")
            let check = try await sqlError {
                try await database.execute("INSERT INTO children (name, age) VALUES ('a', 3)")
            }
            try require(check.constraint?.rule == .check, "\(check)")
            try require(check.constraint?.name == "grown", "\(check)")
            let key = try await sqlError {
                try await database.execute("INSERT INTO children (name, parent) VALUES ('a', 7)")
            }
            try require(key.constraint?.rule == .foreignKey, "\(key)")
        },
        SQLDriverCheck("a statement that fails halfway leaves nothing") { database in
            try await database.execute("CREATE TABLE v (n BIGINT UNIQUE)")
            try await sqlError { try await database.execute("INSERT INTO v VALUES (1), (2), (1)") }
            try require(try await database.query("SELECT n FROM v").isEmpty, "no row is left")
        },
        SQLDriverCheck("a missing table or column is the schema's fault") { database in
            let table = try await sqlError { _ = try await database.query("SELECT * FROM nowhere") }
            try require(table.kind == .schema, "\(table.kind)")
            try require(table.statement == "SELECT * FROM nowhere", "the error has the statement")
            try await database.execute("CREATE TABLE v (n BIGINT)")
            let column = try await sqlError { _ = try await database.query("SELECT m FROM v") }
            try require(column.kind == .schema, "\(column.kind)")
        },
        SQLDriverCheck("what is not SQL, two statements, and the wrong number of values are refused") { database in
            try require(try await sqlError { try await database.execute("SELEKT 1") }.kind == .usage, "not SQL")
            try require(try await sqlError { try await database.execute("") }.kind == .usage, "nothing")
            let two = try await sqlError {
                try await database.execute("CREATE TABLE a (n BIGINT); CREATE TABLE b (n BIGINT)")
            }
            try require(two.kind == .usage, "\(two)")
            try await sqlError { _ = try await database.query("SELECT * FROM a") }
            try require(try await database.query("SELECT 1 AS one; -- the end").count == 1, "a comment may follow")
            for values in [[], [1, 2]] as [[SQLValue]] {
                let error = try await sqlError { _ = try await database.query(SQLStatement("SELECT $1", values)) }
                try require(error.kind == .usage, "\(error)")
            }
        },
        SQLDriverCheck("query() refuses to write") { database in
            try await database.execute("CREATE TABLE v (n BIGINT)")
            let error = try await sqlError { _ = try await database.query("INSERT INTO v VALUES (1) RETURNING n") }
            try require(error.kind == .usage || error.kind == .readOnly, "\(error.kind)")
            try require(try await database.query("SELECT n FROM v").isEmpty, "nothing was written")
        },
        SQLDriverCheck("a database that is closed refuses, and closing again is harmless") { database in
            await database.close()
            await database.close()
            let error = try await sqlError { _ = try await database.query("SELECT 1") }
            try require(error.kind == .connectionLost, "\(error.kind)")
            try require(
                try await sqlError { try await database.execute("SELECT 1") }.kind == .connectionLost, "execute")
            let transaction = try await sqlError { try await database.transaction { _ in } }
            try require(transaction.kind == .connectionLost, "\(transaction.kind)")
        },
    ]
}
