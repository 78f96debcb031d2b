internal import MartletCore

/// What a store was asked to keep and to forget, and what of that it has answered.
///
/// Keys are the workload's own: what was written under a key must be told from everything else. A key is not added and
/// removed at the same time.
package final class Ledger: Sendable {
    package enum ProblemKind: Sendable, Hashable {
        /// Answered, and not there.
        case lost
        /// There more than once.
        case duplicated
        /// Removed, answered, and there.
        case returned
        /// Some of what was written or removed together is there, and some is not.
        case partial
        /// Nobody wrote it.
        case unknown
        /// The file fails SQLite's integrity check.
        case damaged
        /// The store does not open, or cannot be read.
        case unreadable
    }

    package struct Problem: Sendable {
        package var kind: ProblemKind
        package var text: String
    }

    private enum Presence {
        case required
        case possible
        case forbidden
    }

    private struct State {
        var presences: [String: Presence] = [:]
        /// Written or removed together.
        var groups: [Set<String>] = []
        var answers = 0
    }

    private let state = Locked(State())

    package init() {}

    /// How many additions and removals were answered.
    package var answers: Int { state.withLock { $0.answers } }

    // MARK: Telling it

    /// Runs `body`, which adds what `keys` stand for, in one transaction if there are several. They may be there as soon
    /// as it runs, and must be when it returns.
    package func add(_ keys: String..., body: () async throws -> Void) async rethrows {
        try await change(keys, to: .required, isOne: true, body)
    }

    /// Runs `body`, which removes what `keys` stand for. They must not be there when it returns.
    ///
    /// - Parameter isOne: whether they go all or none. Groups they were added in count no longer where they do not.
    package func remove(_ keys: [String], isOne: Bool = true, body: () async throws -> Void) async rethrows {
        try await change(keys, to: .forbidden, isOne: isOne, body)
    }

    private func change(
        _ keys: [String], to presence: Presence, isOne: Bool, _ body: () async throws -> Void
    ) async rethrows {
        let group = Set(keys)
        state.withLock { state in
            for key in keys { state.presences[key] = .possible }
            state.groups.removeAll { !$0.isDisjoint(with: group) && !(isOne && $0.isSubset(of: group)) }
            if isOne, group.count > 1 { state.groups.append(group) }
        }
        try await body()
        state.withLock { state in
            for key in keys { state.presences[key] = presence }
            state.answers += 1
        }
    }

    // MARK: Asking it

    /// What is wrong with a store that holds `found`.
    package func problems(found: [String]) -> [Problem] {
        let counts = found.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        return state.withLock { state in
            var problems: [Problem] = []
            for (key, presence) in state.presences.sorted(by: { $0.key < $1.key }) {
                switch (presence, counts[key] ?? 0) {
                case (.required, 0): problems.append(Problem(kind: .lost, text: "\(key) was answered"))
                case (.forbidden, 1...): problems.append(Problem(kind: .returned, text: "\(key) was removed"))
                case (_, 2...): problems.append(Problem(kind: .duplicated, text: "\(key) is there more than once"))
                default: break
                }
            }
            for key in counts.keys.sorted() where state.presences[key] == nil {
                problems.append(Problem(kind: .unknown, text: "\(key) was never written"))
            }
            for group in state.groups {
                let there = group.filter { counts[$0] != nil }
                if !there.isEmpty, there.count < group.count {
                    problems.append(
                        Problem(kind: .partial, text: "of \(group.sorted()), \(there.sorted()) are there alone"))
                }
            }
            return problems
        }
    }
}
