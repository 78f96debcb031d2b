extension HTTP2Stream {
    /// Cancels the task of ``run(_:)``, for whoever knows that its result is of no more use.
    package func cancelTask() { task?.cancel() }

    /// Its connection is to end once its streams have: one that would go on for ever should not.
    package var isLeaving: Bool { session?.state.goAwaySent ?? true }
}
