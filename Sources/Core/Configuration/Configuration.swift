/// The settings of a service, read once at its start.
///
/// A flag wins over the environment, the environment (or, for a secret, the file that `NAME_FILE` names) over the
/// default. Whatever is wrong is refused at the start, with one line for each thing; nothing is guessed.
public struct Configuration: Sendable {
    /// Where a value came from.
    public enum Source: Sendable, Hashable, CustomStringConvertible {
        case flag(String)
        case environment(String)
        case file(String)
        case `default`

        public var description: String {
            switch self {
            case .flag(let flag): "flag --\(flag)"
            case .environment(let variable): "environment \(variable)"
            case .file(let path): "file \(path)"
            case .default: "default"
            }
        }
    }

    /// One setting as people may see it.
    public struct Entry: Sendable, Hashable {
        public var variable: String
        /// Secrets are `•••`.
        public var shown: String
        public var source: Source
    }

    /// In the order the keys were declared.
    public private(set) var entries: [Entry] = []
    /// The arguments that are no flags.
    public private(set) var positionals: [String] = []
    private var values: [String: any Sendable] = [:]

    /// The value of a key that was declared when the configuration was read. Another key is a mistake in the program,
    /// and stops it.
    public subscript<Value>(key: ConfigurationKey<Value>) -> Value {
        guard let value = values[key.variable] as? Value else {
            preconditionFailure("the configuration was read without the key \(key.variable)")
        }
        return value
    }

    public func source(of key: some AnyConfigurationKey) -> Source? {
        entries.first { $0.variable == key.variable }?.source
    }

    /// Everything as `KEY = value (source)`, a line each, secrets hidden: what a service logs or prints at its start.
    public var description: String {
        let width = entries.map(\.variable.count).max() ?? 0
        return entries.map { entry in
            let padding = String(repeating: " ", count: width - entry.variable.count)
            return "\(entry.variable)\(padding) = \(entry.shown) (\(entry.source))"
        }.joined(separator: "\n")
    }

    mutating func add(_ variable: String, _ value: any Sendable, shown: String, _ source: Source) {
        values[variable] = value
        entries.append(Entry(variable: variable, shown: shown, source: source))
    }

    mutating func add(positional: String) { positionals.append(positional) }
}

/// Why a configuration was not read.
public enum ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// `--help` or `-h` was given: print ``Configuration/help(for:)`` and exit with 0.
    case helpRequested
    /// What is wrong, a line each: print them and exit with 2.
    case refused([String])

    public var description: String {
        switch self {
        case .helpRequested: "help was asked for"
        case .refused(let lines): lines.joined(separator: "\n")
        }
    }
}
