import LoggerService
import MartletCore
import MartletHTTP
import MartletKit

/// What is asked of every contestant.
struct Routes: Sendable {
    let store: SQLLogStore?

    func declare(in router: inout Router) {
        router.get("/hello") { _ in .text("hello world\n") }
        // Not the logger's own mounting: its answer is written once, and this one is to be JSON both ways.
        let log = writeLog.json { _ in .json(.accepted, PlainEnvelope(message: "logged!")) }
        router.on(.post, "/log", access: .original, log)
    }

    private var writeLog: Endpoint<LogEntry, Void> {
        if let store { return LogBook(store: store).writeLog }
        return Endpoint("writeLog") { _ in }
    }
}
