internal import MartletCore

/// Whether a service can do its work now: what `/readyz` answers.
///
/// It is ready once its group runs, until it is told to stop, and while all its checks pass.
public final class Readiness: Sendable {
    /// Says what is wrong, in words for an operator; nil when nothing is.
    public typealias Check = @Sendable () async -> String?

    private struct State {
        /// What keeps it from being ready whatever the checks say, and why.
        var obstacle: (name: String, problem: String)? = Self.beginning
        var checks: [(name: String, check: Check)] = []
        var mentions: [(name: String, check: Check)] = []
        var changes = ShutdownSignal()

        static let beginning = (name: "service", problem: "starting")
    }
    private let state = Locked(State())

    /// What a check may take before it counts as failed.
    private let patience: Duration

    public init(patience: Duration = .seconds(1)) { self.patience = patience }

    /// Adds something the service cannot do without: its store, say.
    public func require(_ name: String, _ check: @escaping Check) {
        state.withLock { $0.checks.append((name, check)) }
    }

    /// Adds something the service can do without for a while, such as the bus that its events wait for: `/readyz` says
    /// that it is away, and stays 200.
    public func mention(_ name: String, _ check: @escaping Check) {
        state.withLock { $0.mentions.append((name, check)) }
    }

    func becameReady() {
        state.withLock { state in
            state.obstacle = nil
            return state.changes
        }.trigger()
    }

    func becameUnready(_ reason: String) { state.withLock { $0.obstacle = ("service", reason) } }

    /// Before the group runs: `what` keeps it from starting. Nil when that is over.
    func startWaits(for what: String, _ problem: String?) {
        state.withLock { $0.obstacle = problem.map { (what, $0) } ?? State.beginning }
    }

    /// Returns once the group runs.
    func waitUntilStarted() async { await state.withLock { $0.changes }.wait() }

    /// What keeps it from being ready, by name; empty when it is.
    public func problems() async -> [(name: String, problem: String)] {
        let (obstacle, checks) = state.withLock { ($0.obstacle, $0.checks) }
        if let obstacle { return [obstacle] }
        return await failures(of: checks, within: patience)
    }

    /// What is away and not needed at once.
    public func mentions() async -> [(name: String, problem: String)] {
        // Shorter: it must not make the answer late.
        await failures(of: state.withLock { $0.mentions }, within: min(patience, .milliseconds(250)))
    }

    private func failures(
        of checks: [(name: String, check: Check)], within patience: Duration
    ) async -> [(name: String, problem: String)] {
        return await withTaskGroup(of: (Int, String?).self) { group in
            for (index, entry) in checks.enumerated() {
                group.addTask { (index, await Self.bounded(entry.check, patience)) }
            }
            var found: [(Int, String)] = []
            for await (index, problem) in group {
                if let problem { found.append((index, problem)) }
            }
            return found.sorted { $0.0 < $1.0 }.map { (checks[$0.0].name, $0.1) }
        }
    }

    /// The time is in the context too, where stores and clients look for it; the cancellation is for other checks.
    private static func bounded(_ check: @escaping Check, _ patience: Duration) async -> String? {
        let context = (CallContext.current ?? CallContext(trace: .root(isSampled: false)))
            .limited(to: .now + patience)
        return await withTaskGroup(of: String?.self) { group in
            group.addTask { await CallContext.$current.withValue(context) { await check() } }
            group.addTask {
                try? await Task.sleep(for: patience)
                return "no answer within \(patience)"
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
