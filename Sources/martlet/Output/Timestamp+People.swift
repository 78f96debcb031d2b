internal import MartletCore
internal import MartletWire

extension Timestamp {
    /// `2026-11-20 14:49:39`, UTC.
    var secondsText: String {
        let text = Timestamp(seconds: seconds).description
        return String(text.prefix(19).map { $0 == "T" ? " " : $0 })
    }
}

extension WallTime {
    /// `2026-11-20 14:49:39`, UTC.
    var secondsText: String { Timestamp(seconds: nanoseconds / 1_000_000_000).secondsText }
}
