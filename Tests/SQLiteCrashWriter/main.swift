// For a test: writes rows from many tasks until it is killed, and prints the number of each row once it is answered.

internal import Glibc
internal import MartletSQL
internal import MartletSQLite

@Sendable func say(_ text: String, on descriptor: Int32) {
    let line = Array((text + "\n").utf8)
    if write(descriptor, line, line.count) != line.count { exit(1) }
}

guard CommandLine.arguments.count == 2 else {
    say("usage: sqlite-crash-writer FILE", on: 2)
    exit(2)
}
let database = try await SQLiteDatabase.open(.file(path: CommandLine.arguments[1]))
try await database.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, data TEXT NOT NULL)")

await withTaskGroup(of: Void.self) { group in
    for writer in 0..<32 {
        group.addTask {
            var number = writer
            while true {
                do {
                    try await database.execute("INSERT INTO rows (number, data) VALUES (\(number), \("row"))")
                } catch {
                    say("\(error)", on: 2)
                    exit(1)
                }
                // One write a line, unbuffered: what the parent reads has been answered.
                say("\(number)", on: 1)
                number += 32
            }
        }
    }
}
