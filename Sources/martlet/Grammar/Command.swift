internal import MartletCore

/// A subcommand: what it is called, what it takes, and what it does. Help, completion and the reading of the command
/// line all come from this.
struct Command: Sendable {
    let name: String
    /// One line, in the third person and without a full stop: `says what runs, where, and for how long`.
    let summary: String
    /// Paragraphs for its own help; empty when the summary says it all.
    var details = ""
    var operands: [Operand] = []
    /// Beside those of every command.
    var flags: [any AnyFlag] = []
    /// The actions of a command that has several, `show` in `martlet mail show 3`. The first of them is meant when none
    /// is named.
    var actions: [Command] = []
    /// Left out of help and completion: for programs.
    var isHidden = false
    let work: Work

    enum Work: Sendable {
        /// The command line was read as the declaration says.
        case reading(@Sendable (Invocation) async throws -> Int32)
        /// It takes settings, as services do, and reads them itself.
        case settings([any AnyConfigurationKey], @Sendable ([String]) async -> Int32)
        /// Its actions do the work.
        case actions
    }

    /// What completion offers and help lists: its own flags and those of every command.
    var allFlags: [any AnyFlag] {
        switch work {
        case .reading: flags + [CommonFlags.dataFolder]
        case .settings(let keys, _): flags + keys.compactMap(SettingFlag.init)
        case .actions: actions.first?.allFlags ?? []
        }
    }

    func action(_ name: String) -> Command? { actions.first { $0.name == name } }
}

extension Command {
    static func group(_ name: String, _ summary: String, details: String = "", _ actions: [Command]) -> Command {
        Command(name: name, summary: summary, details: details, actions: actions, work: .actions)
    }
}
