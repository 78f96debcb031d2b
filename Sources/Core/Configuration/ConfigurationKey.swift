/// One setting of a service: its names, what it may be, and what it is when nobody says.
///
///     static let port = ConfigurationKey("LOGGER_PORT", .integer(in: 0...65535), flag: "port", default: 8082,
///         "The TCP port of the HTTP interface.")
///     …
///     let port = configuration[LoggerKeys.port]       // an Int
public struct ConfigurationKey<Value: Sendable>: AnyConfigurationKey {
    /// The environment variable; `_FILE` is appended for the file of a secret.
    public let variable: String
    /// The flag without its dashes; nil for a key that has none.
    public let flag: String?
    public let help: String
    public let type: ConfigurationType<Value>
    /// Nil for a key that must be given.
    public let defaultValue: Value?

    /// A key with a default, or, without one, a key that must be given. A secret takes no flag: every user of the
    /// machine can read the flags of a process.
    public init(
        _ variable: String, _ type: ConfigurationType<Value>, flag: String? = nil, default defaultValue: Value? = nil,
        _ help: String
    ) {
        precondition(flag == nil || !type.isSecret, "the secret \(variable) must not have a flag")
        self.variable = variable
        self.flag = flag
        self.help = help
        self.type = type
        self.defaultValue = defaultValue
    }

    /// A key that may be left out: its value is nil then, and also when the environment has it empty.
    public static func optional<Wrapped>(
        _ variable: String, _ type: ConfigurationType<Wrapped>, flag: String? = nil, _ help: String
    ) -> Self where Value == Wrapped? {
        Self(variable, .optional(type), flag: flag, default: .some(nil), help)
    }

    /// The same key with another default: for a service that has its own.
    public func defaulting(to value: Value) -> Self {
        Self(variable, type, flag: flag, default: value, help)
    }
}

/// A key of any type, for the lists that services declare.
public protocol AnyConfigurationKey: Sendable {
    associatedtype Value: Sendable
    var variable: String { get }
    var flag: String? { get }
    var help: String { get }
    var type: ConfigurationType<Value> { get }
    var defaultValue: Value? { get }
}

extension AnyConfigurationKey {
    /// The default as people read it; nil for a key that must be given, empty for one that is nothing by default.
    var shownDefault: String? { defaultValue.map(type.show) }

    /// The value in `text`, and how it is shown.
    func read(_ text: String) -> (value: any Sendable, shown: String)? {
        type.parse(text).map { ($0, type.show($0)) }
    }

    var resolvedDefault: (value: any Sendable, shown: String)? {
        defaultValue.map { ($0, type.show($0)) }
    }
}
