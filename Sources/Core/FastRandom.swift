internal import Synchronization

/// Random bits for identifiers that must be unique, not secret: trace and span ids, jitter. One atomic addition and a
/// mix (splitmix64) a number; the system's generator is a system call a number.
public enum FastRandom {
    private static let state = Atomic<UInt64>(UInt64.random(in: .min ... .max))

    public static func next() -> UInt64 {
        var z = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
