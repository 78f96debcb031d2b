public import MartletCore

/// What went wrong at a database, in terms that are the same for every engine.
public struct SQLError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// Somebody else holds the lock. Nothing was written; it may be tried again.
        case busy
        /// The disk, or the size the database is allowed, is used up.
        case full
        /// The file is damaged.
        case corrupt
        /// The file is not a database at all.
        case notADatabase
        case readOnly
        /// The file or its folder cannot be opened or made.
        case cannotOpen
        /// What should hold the file is not there (yet): a volume that is not mounted.
        case absent
        /// The disk failed to read or write.
        case io
        case constraint(SQLConstraint)
        /// The connection was lost, or the database has been closed.
        case connectionLost
        /// The schema is not what the statement or the program expects: no such table or column, another type, a
        /// database newer than the program, an edited migration.
        case schema
        /// The deadline passed. A write that was under way has been undone.
        case timeout
        /// A value, a statement or an answer over its limit.
        case tooLarge
        /// Undone through no fault of its own, together with somebody else's failure. It may be tried again.
        case rolledBack
        /// A mistake in the calling code: the number of values, a statement that is the driver's own to run.
        case usage
        case other
    }

    public var kind: Kind
    /// What is wrong and what to do, for whoever runs the service. Holds no values of statements.
    public var message: String
    /// The statement's text, without its values.
    public var statement: String?
    /// The engine's own code (SQLite: the extended result code), 0 where there is none.
    public var engineCode: Int

    public init(_ kind: Kind, _ message: String, statement: String? = nil, engineCode: Int = 0) {
        self.kind = kind
        self.message = message
        self.statement = statement
        self.engineCode = engineCode
    }

    public var description: String {
        guard let statement else { return message }
        return "\(message) (In: \(statement.prefix(200)))"
    }

    /// The constraint that was broken, if that is what happened.
    public var constraint: SQLConstraint? {
        if case .constraint(let constraint) = kind { constraint } else { nil }
    }
}

extension SQLError: TransientError {
    public var mayPass: Bool {
        switch kind {
        case .busy, .rolledBack, .connectionLost, .absent: true
        default: false
        }
    }
}

extension SQLError: ServiceErrorConvertible {
    /// The same failure as a service's caller may see it: the right code, and no detail of the store.
    public var serviceError: ServiceError {
        switch kind {
        case .busy, .rolledBack:
            ServiceError(.unavailable, "the store is busy; try again", retryAfter: .seconds(1))
        case .connectionLost:
            ServiceError(.unavailable, "the store cannot be reached; try again", retryAfter: .seconds(1))
        case .full: ServiceError(.unavailable, "the store is full")
        case .tooLarge: ServiceError(.resourceExhausted, "more than the store takes or gives at once")
        case .timeout: ServiceError(.deadlineExceeded, "the store did not answer in time")
        case .corrupt, .notADatabase: ServiceError(.dataLoss, "the store is damaged")
        case .constraint(let constraint):
            constraint.rule == .unique
                ? ServiceError(.alreadyExists, "it exists already")
                : ServiceError(.failedPrecondition, "the store's rules do not allow it")
        case .readOnly, .cannotOpen, .absent, .io, .schema, .usage, .other:
            ServiceError(.internal, "internal error")
        }
    }
}
