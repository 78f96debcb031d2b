internal import CSQLite
package import MartletSQLite
internal import PowerCutVFS

/// A disk in memory whose power can be cut; the model is described with the VFS (PowerCutVFS.h).
package final class SimulatedDisk: @unchecked Sendable {
    // @unchecked: the C functions lock.

    /// Where ``open(_:configuration:)`` keeps its database, unless it is told otherwise.
    package static let store = "/store.db"

    let handle: OpaquePointer
    /// The name of its VFS.
    package let vfs: String

    /// With the files of `image`, or empty.
    package init(_ image: DiskImage? = nil) {
        handle = powercut_disk_create(image?.handle)
        vfs = String(cString: powercut_disk_vfs(handle))
    }

    deinit { powercut_disk_release(handle) }

    // MARK: Power

    /// The power goes with the change of this number, counted from 1.
    package func cutPower(atStep step: Int) { powercut_disk_cut_at(handle, UInt64(max(1, step))) }

    /// The power goes now.
    package func cutPower() { powercut_disk_cut(handle) }

    package var isOff: Bool { powercut_disk_is_off(handle) }

    /// Runs `body`, whose failures are of no account once the power has gone: so that one of many tasks does not end the
    /// others.
    package func untilCut(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            guard isOff else { throw error }
        }
    }

    /// How many changes there were.
    package var steps: Int { Int(clamping: powercut_disk_steps(handle)) }

    /// The change that the power went with, in words.
    package var lastStep: String {
        var text = [CChar](repeating: 0, count: 1024)
        let count = powercut_disk_last_step(handle, &text, text.count)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// From now on syncs of files whose names end like this do nothing, and say that they did; with "", all of them.
    package func lieAboutSyncs(ofFilesEndingWith suffix: String) { powercut_disk_lie(handle, suffix) }

    // MARK: Databases

    /// Opens a database on this disk, as a service does on a real one.
    package func open(
        _ path: String = SimulatedDisk.store, configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws -> SQLiteDatabase {
        var configuration = configuration
        configuration.vfs = vfs
        return try await SQLiteDatabase.open(.file(path: path), configuration: configuration)
    }

    /// Opens a database for the time of `body`, and closes it whatever happens.
    package func withDatabase<Value>(
        _ path: String = SimulatedDisk.store, configuration: SQLiteConfiguration = SQLiteConfiguration(),
        _ body: (SQLiteDatabase) async throws -> Value
    ) async throws -> Value {
        let database = try await open(path, configuration: configuration)
        do {
            let value = try await body(database)
            await database.close()
            return value
        } catch {
            await database.close()
            throw error
        }
    }

    /// Copies the log back into the database, as a long workload would make the writer do: the next commit begins the
    /// log anew. To be called while nothing is written.
    package func checkpoint(_ path: String = SimulatedDisk.store) throws {
        try RawConnection(self, path).run("PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// What SQLite's integrity check finds in any of the databases.
    package func integrityProblems() -> [String] {
        databases.flatMap { path -> [String] in
            do {
                let findings = try RawConnection(self, path).strings("PRAGMA integrity_check")
                return findings == ["ok"] ? [] : findings.map { "\(path): \($0)" }
            } catch {
                return ["\(path): \(error)"]
            }
        }
    }

    private var databases: [String] {
        var names: [String] = []
        while let name = powercut_disk_name(handle, names.count) { names.append(String(cString: name)) }
        return names.filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-journal") }
    }
}
