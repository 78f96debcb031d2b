#pragma once
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast in a macro, which the importer cannot see.
static inline int martlet_sqlite3_bind_text_copy(sqlite3_stmt *s, int i, const char *p, int n) {
    return sqlite3_bind_text(s, i, p, n, SQLITE_TRANSIENT);
}
static inline int martlet_sqlite3_bind_blob_copy(sqlite3_stmt *s, int i, const void *p, int n) {
    return sqlite3_bind_blob(s, i, p, n, SQLITE_TRANSIENT);
}

// Variadic functions are not imported. `option` is one of the SQLITE_DBCONFIG_ flags that take an int.
static inline int martlet_sqlite3_set_flag(sqlite3 *db, int option, int on) {
    return sqlite3_db_config(db, option, on, (int *)0);
}
// Of the whole process. `option` is one of the SQLITE_CONFIG_ constants that take an int.
static inline int martlet_sqlite3_config_int(int option, int value) {
    return sqlite3_config(option, value);
}

// For bytes that stay where they are until the statement is reset. A cast in a macro, as above.
static inline int martlet_sqlite3_bind_text_in_place(sqlite3_stmt *s, int i, const char *p, int n) {
    return sqlite3_bind_text(s, i, p, n, SQLITE_STATIC);
}
