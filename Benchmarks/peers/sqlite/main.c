/* The floor of a durable row: SQLite alone, no network, no threads, no JSON.
 *
 * Inserts into the table `logs` of DATABASE for SECONDS, BATCH rows to a transaction, with what Martlet's stores use:
 * WAL and synchronous=FULL, so that every commit is one fsync. The harness makes the table, because an index more or
 * less would decide the comparison. Prints one line of JSON.
 *
 * usage: sqlite-loop DATABASE SECONDS BATCH
 *        sqlite-loop --version
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double read_clock(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long long nanoseconds_since_1970(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void must(sqlite3 *database, int result, int wanted) {
    if (result == wanted) return;
    fprintf(stderr, "sqlite-loop: %s\n", database ? sqlite3_errmsg(database) : sqlite3_errstr(result));
    exit(1);
}

static void run(sqlite3 *database, const char *sql) { must(database, sqlite3_exec(database, sql, 0, 0, 0), SQLITE_OK); }

static void step(sqlite3 *database, sqlite3_stmt *statement) {
    must(database, sqlite3_step(statement), SQLITE_DONE);
    must(database, sqlite3_reset(statement), SQLITE_OK);
}

static sqlite3_stmt *prepare(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement = 0;
    must(database, sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, 0), SQLITE_OK);
    return statement;
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "--version") == 0) return puts(sqlite3_libversion()) < 0;
    if (count != 4 || atof(arguments[2]) <= 0 || atoi(arguments[3]) <= 0) {
        fprintf(stderr, "usage: sqlite-loop DATABASE SECONDS BATCH\n");
        return 2;
    }
    const double seconds = atof(arguments[2]);
    const int batch = atoi(arguments[3]);

    sqlite3 *database = 0;
    must(database, sqlite3_open(arguments[1], &database), SQLITE_OK);
    run(database, "PRAGMA journal_mode=WAL");
    run(database, "PRAGMA synchronous=FULL");

    sqlite3_stmt *begin = prepare(database, "BEGIN IMMEDIATE");
    sqlite3_stmt *commit = prepare(database, "COMMIT");
    sqlite3_stmt *insert = prepare(
        database, "INSERT INTO logs (name, data, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)");
    must(database, sqlite3_bind_text(insert, 1, "event", -1, SQLITE_STATIC), SQLITE_OK);
    must(database, sqlite3_bind_text(insert, 2, "some log data from the broker", -1, SQLITE_STATIC), SQLITE_OK);

    long long rows = 0;
    const double start = read_clock(CLOCK_MONOTONIC);
    double end;
    do {
        step(database, begin);
        for (int row = 0; row < batch; row++) {
            must(database, sqlite3_bind_int64(insert, 3, nanoseconds_since_1970()), SQLITE_OK);
            step(database, insert);
        }
        step(database, commit);
        rows += batch;
        end = read_clock(CLOCK_MONOTONIC);
    } while (end - start < seconds);

    printf("{\"rows\": %lld, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", rows, end - start,
        read_clock(CLOCK_PROCESS_CPUTIME_ID));
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_finalize(insert);
    return sqlite3_close(database) == SQLITE_OK ? 0 : 1;
}
