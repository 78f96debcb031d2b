internal import Glibc
internal import MartletCore
internal import MartletKit
internal import MartletRuntime

/// `martlet logs`: what a system in the background says.
enum LogsCommand {
    private static let follow = Flag.on("follow", "f", "Goes on with what is logged from now on, until Ctrl-C.")
    private static let lines = Flag(
        name: "lines", letter: "n", placeholder: "COUNT", type: .integer(in: 0...100_000),
        help: "How many lines to begin with; 100 by default.")
    private static let level = Flag(
        name: "level", letter: nil, placeholder: "LEVEL", type: .level, help: "Lines of this level and above.")

    static let command = Command(
        name: "logs", summary: "what the services log, or one of them; -f goes on with what comes",
        details: """
            Reads the log of a system that runs in the background (`martlet up --detach`), also after it has ended. NAME is a
            service, or martlet for the lines of the system itself. On a terminal lines are made readable; elsewhere they stay
            the JSON that they are.
            """,
        operands: [Operand(name: "NAME", words: Operand.services(and: ["martlet"]), isOptional: true)],
        flags: [follow, lines, level, CommonFlags.json], work: .reading { try await run($0) })

    /// How often a log that is followed is looked at where nothing tells of its changes, and how long a renamed one is
    /// followed that says nothing.
    private static let interval: Duration = .milliseconds(100)
    /// The same where changes are told of: for what the kernel did not see.
    private static let longInterval: Duration = .seconds(1)

    private static func run(_ invocation: Invocation) async throws -> Int32 {
        let workplace = invocation.workplace
        let terminal = invocation.terminal
        let isRaw = !terminal.isTerminal || invocation.has(CommonFlags.json)
        let filter = LogFilter(service: invocation.operand(0), level: invocation[level])
        let count = invocation[lines] ?? 100
        try refuseForeground(workplace)
        guard let file = try LogFile(workplace.log) else {
            throw ServiceError(
                .unavailable,
                "nothing has been logged in \(workplace.folder); martlet up --detach begins a log there")
        }
        var found = file.last(count, filter)
        if found.count < count, let older = try LogFile(workplace.olderLog) {
            found = older.last(count - found.count, filter) + found
        }
        let show: ([LogLine]) throws -> Void = { lines in
            try terminal.write(lines.flatMap { isRaw ? $0.bytes + [0x0A] : $0.text(hasColors: terminal.hasColors) })
        }
        try show(found)
        if invocation.has(follow) { try await go(on: file, workplace) { try show($0.filter(filter.takes)) } }
        return ServiceProcess.ExitCode.success
    }

    /// Until Ctrl-C, or nobody reads any more. Outlives the system: what a later one says in the folder is followed too.
    private static func go(on file: LogFile, _ workplace: Workplace, _ show: ([LogLine]) throws -> Void) async throws {
        let path = workplace.log
        let change = WakeUp()
        var watch = await watchFolder(workplace.folder, change)
        defer { watch?.stop() }
        var file = file
        /// Since when the file is no longer the one of that name, and says nothing.
        var leftSince: MonotonicTime?
        while true {
            let isCurrent = file.isStill(at: path)
            let new = file.readNew()
            try show(new)
            guard new.isEmpty, !isCurrent else {
                leftSince = nil
                if new.isEmpty { await change.wait(atMost: watch == nil ? interval : longInterval) }
                continue
            }
            // A renamed file is left when nothing came for a whole interval: its writers have turned to the new one.
            if let since = leftSince, MonotonicTime.now.since(since) >= interval, let next = try LogFile(path) {
                file = next
                leftSince = nil
                // The folder may be another one, too.
                watch?.stop()
                watch = await watchFolder(workplace.folder, change)
            } else {
                leftSince = leftSince ?? .now
                try await Task.sleep(for: interval)
            }
        }
    }

    private static func watchFolder(_ folder: String, _ change: WakeUp) async -> FolderWatch? {
        await FolderWatch.begin(folder, on: EventLoopGroup.shared.next()) { change.signal() }
    }

    /// A system in the foreground writes to its terminal, and an old log would be mistaken for its own.
    private static func refuseForeground(_ workplace: Workplace) throws(ServiceError) {
        guard let process = workplace.owner() else { return }
        var output = stat()
        var log = stat()
        // Where that cannot be told, the log is as good as any.
        guard stat("/proc/\(process)/fd/1", &output) == 0 else { return }
        guard stat(workplace.log, &log) != 0 || log.st_ino != output.st_ino || log.st_dev != output.st_dev else {
            return
        }
        throw ServiceError(
            .failedPrecondition,
            "the system in \(workplace.folder) runs in the foreground, as process \(process), and logs there")
    }
}
