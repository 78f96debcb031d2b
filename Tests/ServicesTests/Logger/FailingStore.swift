import MartletCore
import MartletHTTP
import MartletKit
import MartletSQL

@testable import LoggerService

/// A store in which nothing works, at once or after some prunes.
final class FailingStore: LogStore {
    private let error: SQLError
    private let prunesLeft: Locked<Int>
    private let pruneCount = Locked(0)
    private let handler = Locked<@Sendable (Int) -> Void>({ _ in })

    init(_ error: SQLError = SQLError(.io, "the disk is on fire"), prunesBeforeFailure: Int = 0) {
        self.error = error
        prunesLeft = Locked(prunesBeforeFailure)
    }

    /// Called with each prune's number.
    var onPrune: @Sendable (Int) -> Void {
        get { handler.withLock { $0 } }
        set { handler.withLock { $0 = newValue } }
    }

    func append(_ entry: LogEntry, key: String?) async throws { throw error }
    func page(_ query: LogQuery) async throws -> LogPage { throw error }
    func stretch(_ query: LogQuery, after id: Int64) async throws -> LogStretch { throw error }
    func newestID() async throws -> Int64 { throw error }
    func problem() async -> String? { "\(error)" }

    func prune(_ limits: RetentionLimits) async throws -> Int {
        let count = pruneCount.withLock { count in
            count += 1
            return count
        }
        onPrune(count)
        let works = prunesLeft.withLock { left in
            left -= 1
            return left >= 0
        }
        guard works else { throw error }
        return 1
    }
}

enum SQLiteFailure {
    case closed, busy, full, io, late

    var error: SQLError {
        switch self {
        case .closed: SQLError(.connectionLost, "closed: /var/lib/secret.db")
        case .busy: SQLError(.busy, "locked: /var/lib/secret.db")
        case .full: SQLError(.full, "full: /var/lib/secret.db")
        case .io: SQLError(.io, "cannot read /var/lib/secret.db")
        case .late: SQLError(.timeout, "late: /var/lib/secret.db")
        }
    }
}

/// The logger's routes over any store.
func withLogBook(_ store: some LogStore, _ body: (LiveService) async throws -> Void) async throws {
    try await withService(LoggerApp.name, keys: LoggerApp.keys, [:]) { setup in
        setup.readiness.require("store") { await store.problem() }
        let server = try setup.httpServer(port: 0) { LogBook(store: store).mount(on: &$0) }
        return setup.group { server }
    } body: {
        try await body($0)
    }
}
