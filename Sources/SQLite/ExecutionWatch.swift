internal import CSQLite
internal import Glibc
internal import MartletCore
internal import Synchronization

/// What SQLite's callbacks look at while a statement runs: until when it may, and whether anybody still wants it.
///
/// Confined to its connection's thread, but for the flag of the call.
final class ExecutionWatch {
    /// A statement that runs past this is stopped.
    var deadline = MonotonicTime.never
    /// Until when to wait for another process's lock.
    var patience = MonotonicTime.never
    /// Set when the caller has gone.
    var call: SQLiteCall?
    /// The driver itself is preparing: transactions and pragmas are allowed.
    var isDriver = false

    /// SQLite's virtual machine asks every so many of its instructions: often enough for a deadline in milliseconds,
    /// seldom enough that an ordinary insert (a hundred) never does.
    private static let instructionsPerCheck: Int32 = 2000

    func install(on handle: OpaquePointer) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(handle, Self.instructionsPerCheck, Self.onProgress, me)
        sqlite3_busy_handler(handle, Self.onBusy, me)
        sqlite3_set_authorizer(handle, Self.onAuthorize, me)
    }

    private var isOver: Bool { call?.isCancelled == true || deadline <= .now }

    private static func of(_ context: UnsafeMutableRawPointer?) -> ExecutionWatch? {
        context.map { Unmanaged<ExecutionWatch>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let onProgress: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { context in
        ExecutionWatch.of(context)?.isOver == true ? 1 : 0
    }

    private static let onBusy: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { context, attempt in
        guard let watch = ExecutionWatch.of(context), watch.patience > .now, watch.call?.isCancelled != true else {
            return 0
        }
        // From 0.1 ms to 10 ms: a commit takes about one, so the lock is usually free soon.
        var pause = timespec(tv_sec: 0, tv_nsec: 100_000 << Int(min(max(attempt, 0), 6)))
        nanosleep(&pause, nil)
        return 1
    }

    /// A caller's BEGIN or PRAGMA would break the batch it shares with others, so statements that prepare one are
    /// refused. Pragmas that only tell something are useful, and free.
    private static let onAuthorize:
        @convention(c) (
            UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
            UnsafePointer<CChar>?
        ) -> Int32 = { context, action, first, second, _, _ in
            guard let watch = ExecutionWatch.of(context), !watch.isDriver else { return SQLITE_OK }
            switch action {
            case SQLITE_TRANSACTION, SQLITE_SAVEPOINT, SQLITE_ATTACH, SQLITE_DETACH:
                return SQLITE_DENY
            case SQLITE_PRAGMA:
                guard let first else { return SQLITE_DENY }
                let name = String(cString: first)
                if second != nil, name != "table_info", name != "index_list" { return SQLITE_DENY }
                return ExecutionWatch.tellingPragmas.contains(name) ? SQLITE_OK : SQLITE_DENY
            default:
                return SQLITE_OK
            }
        }

    private static let tellingPragmas: Set<String> = [
        "page_count", "page_size", "freelist_count", "table_info", "index_list", "quick_check", "integrity_check",
        "foreign_key_check", "journal_mode", "synchronous", "foreign_keys", "trusted_schema",
    ]
}
