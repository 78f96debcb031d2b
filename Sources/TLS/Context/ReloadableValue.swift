internal import MartletCore

/// What a look at the files of a TLS context came to.
public enum TLSReload: Sendable, Equatable {
    case unchanged
    /// New connections get what the files have now; those that exist go on with what they began with.
    case reloaded
    /// The files have changed, and cannot be used: what was there before stays. In words for an operator.
    case failed(String)
}

/// Something made from files, and made anew when they change; a failure leaves the old in its place.
final class ReloadableValue<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var stamps: [FileStamp]
        var failure: String?
        /// Counts what was made.
        var generation = 1
    }

    private let files: [String]
    private let make: @Sendable () throws(ServiceError) -> Value
    private let state: Locked<State>

    init(files: [String], make: @escaping @Sendable () throws(ServiceError) -> Value) throws(ServiceError) {
        self.files = files
        self.make = make
        // Before they are read: a change in between is seen at the next look.
        let stamps = files.map(FileStamp.init)
        state = Locked(State(value: try make(), stamps: stamps))
    }

    var value: Value { state.withLock { $0.value } }
    var failure: String? { state.withLock { $0.failure } }
    var generation: Int { state.withLock { $0.generation } }

    /// Reads files, and so is not for an event loop.
    func reload(onlyIfChanged: Bool) -> TLSReload {
        let stamps = files.map(FileStamp.init)
        let (isSame, known) = state.withLock { ($0.stamps == stamps, $0.failure) }
        // After a failure they are read again: what was wrong need not have been in the files themselves.
        guard !onlyIfChanged || !isSame || known != nil else { return .unchanged }
        do throws(ServiceError) {
            let value = try make()
            state.withLock { state in
                state.value = value
                state.stamps = stamps
                state.failure = nil
                state.generation += 1
            }
            return .reloaded
        } catch {
            let message = error.message
            state.withLock { state in
                state.stamps = stamps
                state.failure = message
            }
            // Said once, and not at every look.
            return onlyIfChanged && isSame && known == message ? .unchanged : .failed(message)
        }
    }
}
