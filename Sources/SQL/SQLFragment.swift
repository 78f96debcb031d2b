/// A part of a statement, for ``SQLStatement/append(_:)``. A literal like the statement itself: what is interpolated
/// becomes a value.
public struct SQLFragment: Sendable, ExpressibleByStringInterpolation {
    enum Part: Sendable {
        case text(String)
        case value(SQLValue)
    }

    let parts: [Part]

    public init(stringLiteral text: String) {
        parts = [.text(text)]
    }

    public init(stringInterpolation: Interpolation) {
        parts = stringInterpolation.parts
    }

    public struct Interpolation: StringInterpolationProtocol, Sendable {
        var parts: [Part] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(2 * interpolationCount + 1)
        }

        public mutating func appendLiteral(_ literal: String) {
            parts.append(.text(literal))
        }

        public mutating func appendInterpolation(_ value: some SQLConvertible) {
            parts.append(.value(value.sqlValue))
        }

        /// Nil is NULL.
        public mutating func appendInterpolation(_ value: (some SQLConvertible)?) {
            appendInterpolation(value.sqlValue)
        }
    }
}
