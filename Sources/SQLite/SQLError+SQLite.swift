internal import CSQLite
internal import Glibc
internal import MartletSQL

extension SQLError {
    /// The error that the connection's last call returned.
    /// - Parameter code: what it returned: an extended result code.
    init(code: Int32, of handle: OpaquePointer?, statement: String?, location: String) {
        let text = handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "out of memory"
        let outOfSpace = handle.map { sqlite3_system_errno($0) == ENOSPC } ?? false
        let (kind, message) = SQLError.explain(
            code: code, text: text, outOfSpace: outOfSpace, statement: statement, location: location)
        self.init(kind, message, statement: statement, engineCode: Int(code))
    }

    /// Result codes: https://www.sqlite.org/rescode.html
    private static func explain(
        code: Int32, text: String, outOfSpace: Bool, statement: String?, location: String
    ) -> (Kind, String) {
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED:
            return (
                .busy,
                "\(location) is locked by another process. Try again; if it stays so, find who else has opened the file."
            )
        case SQLITE_FULL:
            return (.full, "\(location) cannot grow: the disk or the size it is allowed is used up. Free some space.")
        case SQLITE_IOERR where outOfSpace:
            return (.full, "\(location) cannot grow: its disk is full. Free some space.")
        case SQLITE_CORRUPT:
            return (.corrupt, "\(location) is damaged (\(text)). Stop the service and restore the file from a backup.")
        case SQLITE_NOTADB:
            return (.notADatabase, "\(location) is not a SQLite database. Move the file away, or name another one.")
        case SQLITE_READONLY:
            return (
                .readOnly,
                "\(location) cannot be written (\(text)): check who owns the file and its folder, and the mount."
            )
        case SQLITE_CANTOPEN:
            return (
                .cannotOpen, "\(location) cannot be opened (\(text)): check that its folder exists and may be used."
            )
        case SQLITE_IOERR, SQLITE_NOLFS:
            return (.io, "\(location) cannot be read or written: the disk failed (\(text), code \(code)).")
        case SQLITE_CONSTRAINT:
            return (.constraint(SQLConstraint(code: code, text: text)), "A rule of the schema was broken: \(text).")
        case SQLITE_MISMATCH:
            return (.constraint(SQLConstraint(.other)), "A rule of the schema was broken: \(text).")
        case SQLITE_SCHEMA:
            return (.schema, "The schema changed while the statement ran: try again.")
        case SQLITE_INTERRUPT:
            return (.timeout, "The deadline passed while the statement ran.")
        case SQLITE_TOOBIG:
            return (.tooLarge, "A value, a row or the statement is larger than the database takes.")
        case SQLITE_AUTH:
            return (
                .usage,
                "BEGIN, COMMIT, SAVEPOINT, PRAGMA and ATTACH are the driver's to run: use transaction { }."
            )
        case SQLITE_ERROR where text.hasPrefix("cannot VACUUM"):
            return (.usage, "VACUUM is not offered: deleted rows leave room for new ones.")
        case SQLITE_MISUSE, SQLITE_RANGE:
            return (.usage, "The statement was used wrongly: \(text).")
        case SQLITE_ERROR where text.hasPrefix("no such ") || text.contains("has no column named"):
            return (.schema, "The schema does not fit the statement: \(text).")
        case SQLITE_ERROR where text.contains("syntax error") || text.hasPrefix("incomplete input"):
            return (.usage, "The statement is not SQL that SQLite reads: \(text).")
        default:
            return (.other, "SQLite failed: \(text) (code \(code)).")
        }
    }
}

extension SQLConstraint {
    /// From SQLite's text, such as `UNIQUE constraint failed: users.email, users.tenant`: nothing else tells the names.
    init(code: Int32, text: String) {
        let rule: Rule =
            switch code {
            case CSQLiteCode.unique, CSQLiteCode.primaryKey, CSQLiteCode.rowID: .unique
            case CSQLiteCode.foreignKey: .foreignKey
            case CSQLiteCode.notNull: .notNull
            case CSQLiteCode.check: .check
            default: .other
            }
        self.init(rule)
        let marker = "constraint failed: "
        var rest = Substring()
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(marker) {
                rest = text[index...].dropFirst(marker.count)
                break
            }
            index = text.index(after: index)
        }
        if rest.isEmpty { return }
        if rule == .check {
            name = String(rest)
        } else if rest.hasPrefix("index '") {
            name = String(rest.dropFirst("index '".count).prefix { $0 != "'" })
        } else {
            for column in rest.split(separator: ",") {
                let parts = column.drop { $0 == " " }.split(separator: ".", maxSplits: 1)
                guard let last = parts.last else { continue }
                if parts.count == 2 { table = String(parts[0]) }
                columns.append(String(last))
            }
        }
    }
}

/// Extended result codes: macros of arithmetic, which the importer does not see.
enum CSQLiteCode {
    static let check: Int32 = 275
    static let foreignKey: Int32 = 787
    static let notNull: Int32 = 1299
    static let primaryKey: Int32 = 1555
    static let unique: Int32 = 2067
    static let rowID: Int32 = 2579
}
