internal import MartletCore
internal import MartletRuntime

/// Looks at files from time to time.
enum ReloadWatch {
    /// Often enough for who renews certificates by hand, and rare enough to cost nothing.
    static let interval: Duration = .seconds(10)

    /// Returns when the current task's shutdown is asked for, or the task is cancelled.
    static func run(every interval: Duration, isNeeded: Bool, _ look: @escaping @Sendable () -> Void) async {
        let shutdown = ShutdownSignal.current ?? ShutdownSignal()
        guard isNeeded else { return await shutdown.wait() }
        while true {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await shutdown.wait() }
                group.addTask { try? await Task.sleep(for: interval) }
                await group.next()
                group.cancelAll()
            }
            guard !shutdown.isTriggered, !Task.isCancelled else { return }
            // A pool that has no room now has some the next time.
            do { try await offload(look) } catch {}
        }
    }
}
