internal import MartletCore

extension Collection where Element == ServiceHost {
    /// Starts these services at the same time and returns when all of them run: one that waits for its store keeps none
    /// of the others waiting. One that is told to stop before it runs is left out.
    ///
    /// - Throws: why the first could not start that could not, with its name. The others are left as they are, running
    ///   or about to: it is for the caller to end them.
    public func start() async throws {
        try await withThrowingTaskGroup(of: Void.self) { starts in
            for host in self {
                starts.addTask {
                    do {
                        try await host.start()
                    } catch let error as ServiceError where error.code == .aborted {
                        // By somebody who knows what they want.
                    }
                }
            }
            // Not `waitForAll`, which waits for the others before it throws. Leaving cancels their waiting, not what they do.
            for try await _ in starts {}
        }
    }
}
