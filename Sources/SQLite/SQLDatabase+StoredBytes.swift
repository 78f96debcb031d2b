public import MartletSQL

extension SQLDatabase {
    /// How many bytes the data of an SQLite database takes in its file: what deleted rows left free is not counted, as it
    /// is used again. For whoever keeps a store within a size, whose file itself does not shrink.
    ///
    /// Another engine refuses it: it does not know these tables.
    public func storedBytes() async throws -> Int {
        let row = try await single(
            """
            SELECT (page_count - freelist_count) * page_size \
            FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()
            """)
        return try row?.get(0) ?? 0
    }
}
