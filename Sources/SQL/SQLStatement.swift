/// One SQL statement and the values of its placeholders.
///
/// Written as a literal, what is interpolated becomes a value, never text, so that nothing can be injected:
///
///     try await database.execute("INSERT INTO users (email, age) VALUES (\(email), \(age))")
///
/// A placeholder is `$1`, `$2` … in every driver. PostgreSQL reads them so; SQLite takes them for names, and the driver
/// binds them by their number. (`?` works with SQLite alone.) The text is the key of the drivers' statement caches:
/// put what varies in the values.
public struct SQLStatement: Sendable, Hashable {
    public var text: String
    public var values: [SQLValue]

    /// `text` is taken as it is: never build it from what came from outside.
    public init(_ text: String, _ values: [SQLValue]) {
        self.text = text
        self.values = values
    }

    /// `fragment` follows; its placeholders are numbered on from this statement's.
    ///
    /// For a statement put together from parts: a filter that is there or not. Only what interpolation wrote is
    /// renumbered, so a fragment must be a literal.
    public mutating func append(_ fragment: SQLFragment) {
        for part in fragment.parts {
            switch part {
            case .text(let text): self.text += text
            case .value(let value):
                values.append(value)
                text += "$\(values.count)"
            }
        }
    }
}

extension SQLStatement: ExpressibleByStringInterpolation {
    public init(stringLiteral text: String) {
        self.init(text, [])
    }

    public init(stringInterpolation: Interpolation) {
        self.init(stringInterpolation.text, stringInterpolation.values)
    }

    public struct Interpolation: StringInterpolationProtocol, Sendable {
        var text = ""
        var values: [SQLValue] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 3 * interpolationCount)
            values.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        public mutating func appendInterpolation(_ value: some SQLConvertible) {
            values.append(value.sqlValue)
            text += "$"
            text += String(values.count)
        }

        /// Nil is NULL. An overload of its own, or the compiler warns of a nil that would be printed.
        public mutating func appendInterpolation(_ value: (some SQLConvertible)?) {
            appendInterpolation(value.sqlValue)
        }
    }
}
