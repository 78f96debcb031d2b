/// What was tried, and what was found.
package struct PowerCutReport: Sendable, CustomStringConvertible {
    package struct Problem: Sendable, CustomStringConvertible {
        package var kind: Ledger.ProblemKind
        /// What is wrong, with which change the power went, and what became of the disk.
        package var text: String

        package var description: String { "\(kind): \(text)" }
    }

    /// The disk's changes while the workload ran with no cut.
    package var steps = 0
    package var cuts = 0
    /// Disks that were audited.
    package var images = 0
    /// Additions and removals that were answered before their cut, all cuts together: none would prove nothing.
    package var answers = 0
    package var problems: [Problem] = []

    package func problems(_ kind: Ledger.ProblemKind) -> [Problem] { problems.filter { $0.kind == kind } }

    package var description: String {
        let first = problems.prefix(10).map { "\n    \($0)" }.joined()
        return "\(steps) changes, \(cuts) cuts, \(images) disks, \(answers) answers, \(problems.count) problems\(first)"
    }
}
