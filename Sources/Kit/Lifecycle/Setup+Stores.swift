public import MartletCore
public import MartletSQL
public import MartletSQLite

extension StandardKeys {
    /// Where a service keeps its data: `sqlite:PATH`, or a file of its own in the data folder.
    public static func embeddedStore(_ what: String) -> ConfigurationKey<DataSourceName?> {
        .optional(
            "DSN", .sqlite, flag: nil,
            "\(what): sqlite:PATH, or sqlite::memory: for a trial. Without it, a file in the service's data folder.")
    }
}

extension ConfigurationType<DataSourceName> {
    /// The one engine there is; another's name is a wrong setting and not a store that fails.
    fileprivate static var sqlite: Self {
        let any = dataSource
        var type = any
        type.allowed = "sqlite:PATH or sqlite::memory:"
        type.parse = { text in (try? SQLiteLocation(dsn: text)) == nil ? nil : any.parse(text) }
        return type
    }
}

extension Setup {
    /// Opens the SQLite database that `key` names, or the file `name.db` in the service's data folder, and brings its
    /// schema up to date.
    ///
    /// A file that another process has locked, and one whose volume is not there yet, are waited for
    /// (``whenThere(_:_:)``); what somebody has to repair is thrown at once.
    public func openSQLite(
        _ key: ConfigurationKey<DataSourceName?>, named name: String, migrations: [Migration] = []
    ) async throws -> SQLiteDatabase {
        let location: SQLiteLocation
        if let dsn = configuration[key] {
            location = try SQLiteLocation(dsn: dsn.exposed)
        } else {
            // The folders are made with the file.
            location = .file(path: "\(configuration[StandardKeys.dataFolder])/\(service)/\(name).db")
        }
        return try await whenThere("store") {
            let database = try await SQLiteDatabase.open(location)
            do {
                if !migrations.isEmpty { try await database.migrate(migrations) }
                return database
            } catch {
                await database.close()
                throw error
            }
        }
    }
}

/// Closes a database when its service ends. Listed first in a group, so that it ends last.
public struct StoreKeeper: Service {
    public let name = "store"
    private let database: any SQLDatabase

    public init(_ database: any SQLDatabase) { self.database = database }

    public func run() async throws {
        await ShutdownSignal.wait()
        await database.close()
    }
}
