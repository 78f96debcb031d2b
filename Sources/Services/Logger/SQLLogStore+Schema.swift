internal import MartletSQL

extension SQLLogStore {
    /// An id is never given twice: a cursor, and a reader who goes on after the last one seen, count on it. SQLite gives
    /// the one after the greatest there is, which is not enough once retention has taken the newest entry. So that one
    /// leaves a tombstone: a row with its id and nothing else, whose id `logs_last_id` has, so that no query takes it for
    /// an entry. It goes when there is a newer one. An insert has nothing to do for this. (AUTOINCREMENT would write a
    /// second table with every insert, and is only had by a table made with it.)
    static let migrations = [
        Migration(
            1, "entries",
            [
                """
                CREATE TABLE logs (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data TEXT NOT NULL, \
                created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)
                """,
                "CREATE INDEX logs_name ON logs (name, id)",
                "CREATE INDEX logs_created_at ON logs (created_at)",
            ]),
        Migration(
            2, "ids are never reused",
            [
                "CREATE TABLE logs_last_id (id BIGINT NOT NULL)",
                "INSERT INTO logs_last_id (id) VALUES (0)",
                """
                CREATE TRIGGER logs_keep_last_id BEFORE DELETE ON logs WHEN OLD.id = (SELECT max(id) FROM logs) BEGIN \
                UPDATE logs_last_id SET id = max(id, OLD.id); END
                """,
                """
                CREATE TRIGGER logs_skip_used_id AFTER INSERT ON logs WHEN NEW.id <= (SELECT id FROM logs_last_id) \
                BEGIN UPDATE logs SET id = (SELECT id + 1 FROM logs_last_id) WHERE id = NEW.id; END
                """,
            ]),
        // Partial: an entry without a key, as most are, is not in the index; it costs one byte and 2 % more of SQLite's
        // instructions than without it, and no page. A key goes with its entry, so that what is kept of keys is bounded
        // by the retention too.
        Migration(
            3, "idempotency keys",
            [
                "ALTER TABLE logs ADD COLUMN key TEXT",
                "CREATE UNIQUE INDEX logs_key ON logs (key) WHERE key IS NOT NULL",
            ]),
        // Instead of the triggers of 2, of which the one that ran with every insert cost a quarter of it. Where no entry is
        // newer than the last id, its tombstone keeps the id from being given again.
        Migration(
            4, "tombstones",
            [
                "DROP TRIGGER logs_skip_used_id",
                "DROP TRIGGER logs_keep_last_id",
                """
                INSERT INTO logs (id, name, data, created_at, updated_at) \
                SELECT id, '', '', (SELECT coalesce(max(created_at), 0) FROM logs), 0 FROM logs_last_id \
                WHERE id > (SELECT coalesce(max(id), 0) FROM logs)
                """,
                """
                CREATE TRIGGER logs_bury_newest AFTER DELETE ON logs \
                WHEN OLD.id > (SELECT coalesce(max(id), 0) FROM logs) BEGIN \
                DELETE FROM logs WHERE id = (SELECT id FROM logs_last_id); \
                UPDATE logs_last_id SET id = OLD.id; \
                INSERT INTO logs (id, name, data, created_at, updated_at) \
                VALUES (OLD.id, '', '', OLD.created_at, OLD.updated_at); END
                """,
            ]),
    ]
}
