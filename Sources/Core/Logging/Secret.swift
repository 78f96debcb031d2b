/// A value that no description shows: a password, a token, a data source with one in it. It has to be asked for by name.
public struct Secret<Value: Sendable>: Sendable {
    /// The value itself. Wherever this is written, somebody meant it.
    public let exposed: Value

    public init(_ value: Value) { exposed = value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { redactedText }
    public var debugDescription: String { redactedText }
    /// `dump` and string interpolation of a struct that holds a secret go through the mirror.
    public var customMirror: Mirror { Mirror(reflecting: redactedText) }
}

extension Secret: Equatable where Value: Equatable {}
extension Secret: Hashable where Value: Hashable {}

/// What stands in the place of a secret.
public let redactedText = "•••"
