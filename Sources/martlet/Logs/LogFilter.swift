internal import MartletCore

/// Which lines of the log are wanted.
struct LogFilter: Sendable {
    /// Of this service alone; nil for all, and for lines that do not say from whom they are.
    var service: String?
    /// This level and above.
    var level: Logger.Level?

    func takes(_ line: LogLine) -> Bool {
        if let service, line.service != service { return false }
        if let level { return line.level.map { $0 >= level } ?? (service == nil) }
        return true
    }
}
