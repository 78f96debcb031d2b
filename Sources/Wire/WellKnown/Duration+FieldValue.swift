/// In protobuf a `google.protobuf.Duration`: to the nanosecond, within 10,000 years either way.
extension Duration: MessageValue {
    public static var messageName: String { "google.protobuf.Duration" }
    public static var typeName: String { "time.Duration" }
    @inlinable public static var fieldDefault: Duration { .zero }
    @inlinable public var isEmptyField: Bool { self == .zero }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.duration(&self) }
}

extension Duration {
    /// What is below a nanosecond is cut; what 64 bits cannot say (292 years) becomes the nearest end.
    @usableFromInline
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        if overflow || overflowed { return seconds < 0 ? .min : .max }
        return sum
    }

    /// What `google.protobuf.Duration` holds: both of one sign. What lies outside becomes the nearest end.
    var protobufParts: (seconds: Int64, nanoseconds: Int32) {
        let (seconds, attoseconds) = components
        if seconds.magnitude >= UInt64(Self.lastSecond) { return (seconds < 0 ? -Self.lastSecond : Self.lastSecond, 0) }
        return (seconds, Int32(truncatingIfNeeded: attoseconds / 1_000_000_000))
    }

    init(protobufSeconds seconds: Int64, nanoseconds: Int32) {
        let seconds = min(max(seconds, -Self.lastSecond), Self.lastSecond)
        self = .seconds(seconds) + .nanoseconds(Int64(nanoseconds))
    }

    /// 10,000 years, as the schema of Duration says.
    static let lastSecond: Int64 = 315_576_000_000
}
