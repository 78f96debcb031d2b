// What every driver of SQL must do, whatever the engine: checks that a driver's tests run against databases they open.
//
// No test library is used here, so that the checks can be run from anywhere; a check that fails throws.

public import MartletSQL

/// One statement about a driver.
public struct SQLDriverCheck: Sendable, CustomStringConvertible {
    public let description: String
    /// Given an empty database that is nobody else's.
    public let run: @Sendable (any SQLDatabase) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (any SQLDatabase) async throws -> Void) {
        self.description = description
        self.run = run
    }

    public static let all = values + failures + transactions + migrations
}

/// Why a check did not hold.
public struct SQLDriverCheckFailure: Error, CustomStringConvertible {
    public let description: String
}

func require(_ condition: Bool, _ what: String, line: Int = #line) throws {
    guard condition else { throw SQLDriverCheckFailure(description: "line \(line): \(what)") }
}

/// The ``SQLError`` that `body` throws.
@discardableResult
func sqlError(line: Int = #line, _ body: () async throws -> Void) async throws -> SQLError {
    do {
        try await body()
    } catch let error as SQLError {
        try require(error.message.count > 10, "an error without a text: \(error)", line: line)
        return error
    }
    throw SQLDriverCheckFailure(description: "line \(line): no error was thrown")
}
