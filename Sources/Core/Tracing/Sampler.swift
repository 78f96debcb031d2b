/// Which traces are recorded: what a parent decided, and for the traces that begin here a share of them.
///
/// The names are OpenTelemetry's (`OTEL_TRACES_SAMPLER`); the share is taken from the last seven bytes of the trace id,
/// so that every service that samples the same share of its roots picks the same traces.
public struct Sampler: Sendable, Hashable {
    /// Whether a parent's decision is followed. It nearly always should be: a trace with holes tells little.
    public var followsParent: Bool
    /// The share of the traces decided here, 0 to 1.
    public var ratio: Double {
        didSet { threshold = Self.threshold(for: ratio) }
    }
    private var threshold: UInt64

    public init(ratio: Double = 1, followsParent: Bool = true) {
        self.followsParent = followsParent
        self.ratio = ratio
        threshold = Self.threshold(for: ratio)
    }

    public static let everything = Sampler(ratio: 1)
    public static let nothing = Sampler(ratio: 0)

    /// The values of `OTEL_TRACES_SAMPLER` that are understood.
    public static let names = [
        "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
        "parentbased_traceidratio",
    ]

    /// A sampler by its OpenTelemetry name; `ratio` is `OTEL_TRACES_SAMPLER_ARG`.
    public init?(named name: String, ratio: Double = 1) {
        switch name {
        case "always_on": self.init(ratio: 1, followsParent: false)
        case "always_off": self.init(ratio: 0, followsParent: false)
        case "traceidratio": self.init(ratio: ratio, followsParent: false)
        case "parentbased_always_on": self.init(ratio: 1)
        case "parentbased_always_off": self.init(ratio: 0)
        case "parentbased_traceidratio": self.init(ratio: ratio)
        default: return nil
        }
    }

    func samples(_ id: TraceID, parent: TraceContext?) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        return id.low & 0x00FF_FFFF_FFFF_FFFF < threshold
    }

    private static func threshold(for ratio: Double) -> UInt64 {
        // `max` first: a NaN becomes 0.
        UInt64(min(1, max(0, ratio.isNaN ? 0 : ratio)) * 0x1p56)
    }
}
