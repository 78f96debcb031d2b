import MartletCore
import MartletHTTP

@testable import LoggerService

/// A store that counts how often it is read for a stream.
final class CountingStore: LogStore {
    private let store: SQLLogStore
    private let count = Locked(0)

    init(_ store: SQLLogStore) { self.store = store }

    var stretches: Int { count.withLock { $0 } }

    func stretch(_ query: LogQuery, after id: Int64) async throws -> LogStretch {
        count.withLock { $0 += 1 }
        return try await store.stretch(query, after: id)
    }

    func append(_ entry: LogEntry, key: String?) async throws { try await store.append(entry, key: key) }
    func page(_ query: LogQuery) async throws -> LogPage { try await store.page(query) }
    func newestID() async throws -> Int64 { try await store.newestID() }
    func prune(_ limits: RetentionLimits) async throws -> Int { try await store.prune(limits) }
    func problem() async -> String? { await store.problem() }
}

/// The writer of a client that takes nothing from the first data on, until it is opened.
final class BlockedWriter: HTTPBodyWriter {
    let isBlocked = ShutdownSignal()
    let open = ShutdownSignal()

    private struct State {
        var text = ""
        var awaited: (text: String, seen: ShutdownSignal)?
    }
    private let state = Locked(State())

    var text: String { state.withLock { $0.text } }
    var size: Int { text.utf8.count }

    func write(_ bytes: [UInt8]) async throws {
        let text = String(decoding: bytes, as: UTF8.self)
        if text.contains("data: ") {
            isBlocked.trigger()
            await open.wait()
        }
        try Task.checkCancellation()
        state.withLock { state in
            state.text += text
            guard let awaited = state.awaited, state.text.contains(awaited.text) else { return nil as ShutdownSignal? }
            return awaited.seen
        }?.trigger()
    }

    func setTrailers(_ trailers: HTTPHeaders) {}

    /// Returns when this text has been written.
    func hasSeen(_ text: String) async {
        let seen = ShutdownSignal()
        let isThere = state.withLock { state in
            state.awaited = (text, seen)
            return state.text.contains(text)
        }
        if !isThere { await seen.wait() }
    }
}
