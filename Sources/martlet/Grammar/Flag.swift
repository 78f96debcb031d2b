internal import MartletCore

/// A flag of a command: `--lines=20`, `--lines 20`, `-n 20`. A switch takes no value. Not a setting: the environment has
/// no say in it.
struct Flag<Value: Sendable>: AnyFlag {
    let name: String
    let letter: Character?
    /// What stands for the value in help; nil for a switch.
    let placeholder: String?
    let type: ConfigurationType<Value>
    let help: String
    var isRepeatable = false
    var choices: [String] { type.words }
    var namesFolder: Bool { false }

    var allowed: String { type.allowed }
    func accepts(_ text: String) -> Bool { type.parse(text) != nil }
}

extension Flag<Bool> {
    static func on(_ name: String, _ letter: Character? = nil, _ help: String) -> Self {
        Self(name: name, letter: letter, placeholder: nil, type: .boolean, help: help)
    }
}

/// A flag of any type, for the lists that commands declare.
protocol AnyFlag: Sendable {
    /// Without its dashes.
    var name: String { get }
    var letter: Character? { get }
    var placeholder: String? { get }
    var help: String { get }
    var isRepeatable: Bool { get }
    /// The words it takes; empty when they cannot be listed.
    var choices: [String] { get }
    /// Its value is a folder.
    var namesFolder: Bool { get }
    var allowed: String { get }
    func accepts(_ text: String) -> Bool
}

/// The flag of a setting, of which help and completion need to know.
struct SettingFlag: AnyFlag {
    let name: String
    let placeholder: String?
    let help: String
    let choices: [String]
    let allowed: String
    let namesFolder: Bool
    private let isAllowed: @Sendable (String) -> Bool

    var letter: Character? { nil }
    var isRepeatable: Bool { false }
    func accepts(_ text: String) -> Bool { isAllowed(text) }

    /// Nil for a setting that has no flag.
    init?(_ key: any AnyConfigurationKey) {
        guard let flag = key.flag else { return nil }
        self.init(flag, key)
    }

    private init(_ flag: String, _ key: some AnyConfigurationKey) {
        let type = key.type
        name = flag
        placeholder = type.isSwitch ? nil : "VALUE"
        help = key.help
        choices = type.words
        allowed = type.allowed
        namesFolder = flag == CommonFlags.dataFolderName
        isAllowed = { type.parse($0) != nil }
    }
}

extension ConfigurationType {
    /// Where only certain words are allowed, those words.
    fileprivate var words: [String] {
        guard !isSwitch else { return [] }
        let listed = allowed.hasPrefix(Self.some) ? String(allowed.dropFirst(Self.some.count)) : allowed
        let words = listed.split(separator: ",").map { String($0.drop { $0 == " " }) }
        return words.count > 1 && words.allSatisfy { parse($0) != nil } ? words : []
    }

    private static var some: String { "some of " }
}
