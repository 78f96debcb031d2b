/// How the text of a setting is read, checked and shown.
public struct ConfigurationType<Value: Sendable>: Sendable {
    /// What is allowed, to end "…; allowed: " with: `an integer from 1 to 65535`.
    public var allowed: String
    /// Nil for what is not allowed.
    public var parse: @Sendable (String) -> Value?
    /// The value for people, without any secret.
    public var show: @Sendable (Value) -> String
    /// The whole value is a secret: it is never shown.
    public var isSecret = false
    /// The value may hold a password: it may come from a file, and is not repeated when it cannot be read.
    public var mayHoldSecret = false
    /// A flag without a value means `true`.
    public var isSwitch = false
    /// What an empty text means. Nil: it is refused.
    public var empty: Value?

    public init(
        allowed: String, parse: @escaping @Sendable (String) -> Value?, show: @escaping @Sendable (Value) -> String
    ) {
        self.allowed = allowed
        self.parse = parse
        self.show = show
    }

    static func optional<Wrapped>(_ type: ConfigurationType<Wrapped>) -> Self where Value == Wrapped? {
        var optional = Self(allowed: type.allowed) { text in
            type.parse(text).map { .some($0) }
        } show: { value in
            value.map(type.show) ?? ""
        }
        optional.isSecret = type.isSecret
        optional.mayHoldSecret = type.mayHoldSecret
        optional.isSwitch = type.isSwitch
        optional.empty = .some(type.empty)
        return optional
    }
}

extension ConfigurationType<String> {
    /// Any text but none.
    public static var string: Self {
        Self(allowed: "a text that is not empty", parse: { $0.isEmpty ? nil : $0 }, show: { $0 })
    }

    /// Any text, the empty one too.
    public static var text: Self {
        var type = Self(allowed: "any text", parse: { $0 }, show: { $0 })
        type.empty = ""
        return type
    }

    /// One of a few words.
    public static func word(of words: [String]) -> Self {
        Self(allowed: words.joined(separator: ", "), parse: { words.contains($0) ? $0 : nil }, show: { $0 })
    }
}

extension ConfigurationType<Secret<String>> {
    /// A password, a token: read from the environment or from a file, never shown.
    public static var secret: Self {
        var type = Self(
            allowed: "a text that is not empty", parse: { $0.isEmpty ? nil : Secret($0) }, show: { $0.description })
        type.isSecret = true
        type.mayHoldSecret = true
        return type
    }
}

extension ConfigurationType<Int> {
    public static func integer(in range: ClosedRange<Int>) -> Self {
        Self(
            allowed: "an integer from \(range.lowerBound) to \(range.upperBound)",
            parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } }, show: { String($0) })
    }

    /// A TCP port; 0 lets the system choose one.
    public static var port: Self { integer(in: 0...65_535) }

    /// A number of bytes: `1048576`, `64KiB`, `1MiB`, `10MB`.
    public static func bytes(in range: ClosedRange<Int>) -> Self {
        Self(
            allowed: "a size from \(ByteSize.format(range.lowerBound)) to \(ByteSize.format(range.upperBound))",
            parse: { ByteSize.parse($0).flatMap { range.contains($0) ? $0 : nil } }, show: ByteSize.format)
    }
}

extension ConfigurationType<Double> {
    public static func number(in range: ClosedRange<Double>) -> Self {
        Self(
            allowed: "a number from \(range.lowerBound) to \(range.upperBound)",
            parse: { Double($0).flatMap { range.contains($0) ? $0 : nil } }, show: { "\($0)" })
    }
}

extension ConfigurationType<Bool> {
    public static var boolean: Self {
        var type = Self(allowed: "true, false, yes, no, on, off, 1, 0") { text in
            switch text.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        } show: {
            $0 ? "true" : "false"
        }
        type.isSwitch = true
        return type
    }
}

extension ConfigurationType<Duration> {
    /// A time as Go writes it: `500ms`, `3s`, `1m30s`.
    public static func duration(in range: ClosedRange<Duration>) -> Self {
        Self(
            allowed: "a duration from \(DurationText.format(range.lowerBound)) to "
                + "\(DurationText.format(range.upperBound)), such as 500ms, 3s or 2m",
            parse: { DurationText.parse($0).flatMap { range.contains($0) ? $0 : nil } }, show: DurationText.format)
    }

    /// A plain number of milliseconds, as the `OTEL_*` variables have it.
    public static func milliseconds(in range: ClosedRange<Int64>) -> Self {
        Self(
            allowed: "milliseconds from \(range.lowerBound) to \(range.upperBound)",
            parse: { Int64($0).flatMap { range.contains($0) ? .milliseconds($0) : nil } },
            show: { String($0.wholeNanoseconds / 1_000_000) })
    }
}

extension ConfigurationType where Value: RawRepresentable<String> & CaseIterable {
    /// One of the cases of an enumeration, by its raw value.
    public static func choice(of _: Value.Type = Value.self) -> Self {
        Self(
            allowed: Value.allCases.map(\.rawValue).joined(separator: ", "), parse: { Value(rawValue: $0) },
            show: { $0.rawValue })
    }
}

extension ConfigurationType<DataSourceName> {
    /// Where a store or a bus is, in whatever form its driver reads. A password in it is not shown.
    public static var dataSource: Self {
        var type = Self(
            allowed: "a data source such as sqlite:logs.db or postgres://user:password@host/name",
            parse: DataSourceName.init, show: { $0.description })
        type.mayHoldSecret = true
        return type
    }
}

extension ConfigurationType<ServiceURL> {
    /// An absolute URL with a host. A password in it is not shown.
    public static func url(schemes: [String] = ["http", "https"]) -> Self {
        var type = Self(allowed: "a URL such as \(schemes.first ?? "http")://host:port/path") { text in
            ServiceURL(text).flatMap { schemes.contains($0.scheme) ? $0 : nil }
        } show: {
            $0.description
        }
        type.mayHoldSecret = true
        return type
    }
}

extension ConfigurationType<[HostPort]> {
    /// `host:port,host:port`, an IPv6 address in brackets.
    public static var addresses: Self {
        Self(allowed: "host:port, several separated by commas") { text in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { HostPort(String($0)) }
            let addresses = parts.compactMap { $0 }
            return addresses.count == parts.count && !addresses.isEmpty ? addresses : nil
        } show: {
            $0.map(\.description).joined(separator: ",")
        }
    }
}

extension ConfigurationType<KeyedValues> {
    /// `name=value,name=value` with percent-encoded values, as OpenTelemetry writes headers and attributes.
    public static func pairs(secret: Bool) -> Self {
        var type = Self(allowed: "name=value, several separated by commas", parse: KeyedValues.init) {
            secret ? $0.names.map { "\($0)=\(redactedText)" }.joined(separator: ",") : $0.text
        }
        type.mayHoldSecret = secret
        type.empty = KeyedValues()
        return type
    }
}
