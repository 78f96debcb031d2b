import MartletCore
import MartletKit
import MartletSQL

/// Keeps the newest entries and forgets the others, every minute.
struct Janitor: Service {
    let name = "janitor"
    let database: any SQLDatabase
    let keep: Int
    let logger: Logger

    func run() async throws {
        let signal = ShutdownSignal.current ?? ShutdownSignal()
        while await !signal.wait(atMost: .seconds(60)), !Task.isCancelled {
            do {
                try await database.execute(
                    "DELETE FROM entries WHERE id NOT IN (SELECT id FROM entries ORDER BY id DESC LIMIT \(keep))")
            } catch {
                logger.warning("old entries were not removed: \(error)")
            }
        }
    }
}
