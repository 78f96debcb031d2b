internal import MartletCore

/// Meters by key, each a single number: the time at which it would be empty again. A charge moves that time by one
/// interval, and one is allowed while it is less than a burst ahead (the generic cell rate algorithm, ITU-T I.371).
/// There is nothing to refill, and a meter whose time has passed need not be kept.
struct FailureMeters: Sendable {
    private let rate: FailureLimiter.Rate
    private let capacity: Int
    private var emptyAt: [UInt64: MonotonicTime] = [:]

    init(_ rate: FailureLimiter.Rate, capacity: Int) {
        self.rate = rate
        self.capacity = max(capacity, 8)
    }

    var count: Int { emptyAt.count }

    /// How long until a charge is allowed; zero or less when it is now.
    func wait(_ key: UInt64, _ now: MonotonicTime) -> Duration {
        guard let empty = emptyAt[key], empty > now else { return .zero }
        return empty.since(now) - rate.interval * (rate.burst - 1)
    }

    mutating func charge(_ key: UInt64, _ now: MonotonicTime) {
        if emptyAt[key] == nil, emptyAt.count >= capacity { makeRoom(now) }
        emptyAt[key] = max(emptyAt[key] ?? now, now) + rate.interval
    }

    mutating func refund(_ key: UInt64) {
        guard let empty = emptyAt[key] else { return }
        emptyAt[key] = empty + (.zero - rate.interval)
    }

    mutating func clear(_ key: UInt64) { emptyAt[key] = nil }

    /// Forgets the meters that are empty, and if that is not enough, those that will be soonest: an eighth at a time,
    /// so that a flood of keys costs a sort now and then and not each time.
    private mutating func makeRoom(_ now: MonotonicTime) {
        emptyAt = emptyAt.filter { $0.value > now }
        let kept = capacity - capacity / 8
        guard emptyAt.count > kept else { return }
        let order = emptyAt.sorted { $0.value < $1.value }
        for (key, _) in order.prefix(emptyAt.count - kept) { emptyAt[key] = nil }
    }
}

/// The keys that were put in last, in two generations: when the younger has half the capacity, the older goes.
struct RecentSet: Sendable {
    private let generationLimit: Int
    private var young: Set<UInt64> = []
    private var old: Set<UInt64> = []

    init(capacity: Int) { generationLimit = max(capacity / 2, 1) }

    func contains(_ key: UInt64) -> Bool { young.contains(key) || old.contains(key) }

    mutating func insert(_ key: UInt64) {
        if young.count >= generationLimit, !young.contains(key) {
            old = young
            young = []
        }
        young.insert(key)
    }
}
