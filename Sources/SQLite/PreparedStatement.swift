internal import CSQLite
internal import MartletSQL

/// One compiled statement. Confined to its connection's thread.
final class PreparedStatement {
    let handle: OpaquePointer
    let isReadOnly: Bool
    /// For the cache: when it was last used, in uses of the cache.
    var lastUse = 0

    /// For each of SQLite's parameters, the position of its value.
    private let valuePositions: [Int]
    private let valueCount: Int
    /// Where short texts stand while the statement runs. SQLite's own copies would be a malloc each.
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
    private var scratchUsed = 0
    private var knownColumns: SQLColumns?
    private var knownCompilation: Int32 = 0

    init(handle: OpaquePointer, text: String) throws(SQLError) {
        self.handle = handle
        isReadOnly = sqlite3_stmt_readonly(handle) != 0
        var positions: [Int] = []
        for parameter in 0..<sqlite3_bind_parameter_count(handle) {
            positions.append(
                try PreparedStatement.valuePosition(ofParameter: parameter + 1, in: handle, text: text))
        }
        valuePositions = positions
        valueCount = (positions.max() ?? -1) + 1
    }

    deinit {
        sqlite3_finalize(handle)
        scratch.deallocate()
    }

    /// SQLite takes `$2` for a name and numbers names as they first appear, so the number is read from the name.
    private static func valuePosition(
        ofParameter parameter: Int32, in handle: OpaquePointer, text: String
    ) throws(SQLError) -> Int {
        guard let cName = sqlite3_bind_parameter_name(handle, parameter) else { return Int(parameter) - 1 }
        let name = String(cString: cName)
        guard name.hasPrefix("$") || name.hasPrefix("?"), let number = Int(name.dropFirst()), number > 0,
            number <= Int(UInt16.max)
        else {
            throw SQLError(
                .usage, "Placeholders are numbered, as $1: \(name) has no number.", statement: text)
        }
        return number - 1
    }

    /// Binds every value, until ``reset()``. Texts and blobs are copied: the values need not outlive the call.
    func bind(_ values: [SQLValue], text: String) throws(SQLError) {
        guard values.count == valueCount else {
            throw SQLError(
                .usage, "The statement takes \(valueCount) values, and was given \(values.count).", statement: text)
        }
        for (index, position) in valuePositions.enumerated() {
            let parameter = Int32(truncatingIfNeeded: index + 1)
            let code = try bind(values[position], at: parameter, text: text)
            guard code == SQLITE_OK else {
                throw SQLError(
                    code: code, of: sqlite3_db_handle(handle), statement: text, location: "The database")
            }
        }
    }

    private func bind(_ value: SQLValue, at parameter: Int32, text: String) throws(SQLError) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, parameter)
        case .integer(let value): return sqlite3_bind_int64(handle, parameter, value)
        case .real(let value):
            guard !value.isNaN else {
                throw SQLError(.usage, "NaN cannot be stored: SQLite would keep NULL instead.", statement: text)
            }
            return sqlite3_bind_double(handle, parameter, value)
        case .text(var value):
            return value.withUTF8 { bytes in
                guard let length = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
                // No bytes may have no address, and no address would mean NULL.
                guard let base = bytes.baseAddress else {
                    return martlet_sqlite3_bind_text_copy(handle, parameter, "", 0)
                }
                if bytes.count <= scratch.count - scratchUsed, let place = scratch.baseAddress {
                    let copy = place + scratchUsed
                    copy.copyMemory(from: base, byteCount: bytes.count)
                    scratchUsed += bytes.count
                    return martlet_sqlite3_bind_text_in_place(
                        handle, parameter, copy.assumingMemoryBound(to: CChar.self), length)
                }
                return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    martlet_sqlite3_bind_text_copy(handle, parameter, $0, length)
                }
            }
        case .blob(let value):
            return value.withUnsafeBytes { bytes in
                guard let length = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
                guard let base = bytes.baseAddress, length > 0 else {
                    return sqlite3_bind_zeroblob(handle, parameter, 0)
                }
                return martlet_sqlite3_bind_blob_copy(handle, parameter, base, length)
            }
        }
    }

    /// Lets go of the locks and the values.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        scratchUsed = 0
    }

    /// The columns' names. Asked after a step: that may have compiled the statement anew for a changed schema.
    func columns() -> SQLColumns {
        let compilation = sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_REPREPARE, 0)
        if let knownColumns, compilation == knownCompilation { return knownColumns }
        let columns = SQLColumns(
            (0..<sqlite3_column_count(handle)).map { column in
                sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
            })
        knownColumns = columns
        knownCompilation = compilation
        return columns
    }

    /// The value of a column of the row that was stepped to.
    func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            let text = sqlite3_column_text(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(
                String(decoding: UnsafeBufferPointer(start: text, count: text == nil ? 0 : count), as: UTF8.self))
        case SQLITE_BLOB:
            let blob = sqlite3_column_blob(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .blob([UInt8](UnsafeRawBufferPointer(start: blob, count: blob == nil ? 0 : count)))
        default: return .null
        }
    }
}
