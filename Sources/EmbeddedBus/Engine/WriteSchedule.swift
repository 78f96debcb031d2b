internal import MartletCore

/// When the next batch is to be written. Pure: times in, a time out.
///
/// Whoever publishes waits for the disk, and so a batch begins at once, or, when several were just answered and are
/// expected to publish again, as soon as they are back. Acknowledgements have nobody waiting, and wait for a publish to
/// share its fsync with, for a little.
struct WriteSchedule {
    /// When the first of the settlements came that are not yet written.
    var firstSettlement = MonotonicTime.never
    /// When the first of the publishes came, at the end of the batch before at the earliest.
    var firstPublish = MonotonicTime.never
    /// A failed batch is not tried again before.
    var notBefore = MonotonicTime(nanoseconds: 0)

    /// Publishes that the last batches answered.
    private var expected = 0
    /// What a commit takes, in nanoseconds, on average.
    private var commitTime: UInt64 = 0

    /// - Parameters:
    ///   - gathering: how long it took the publishers to come back since the batch before.
    ///   - time: what the commit took. Both in nanoseconds.
    mutating func wrote(publishes: Int, after gathering: UInt64, in time: UInt64) {
        commitTime = commitTime == 0 ? time : (commitTime &* 7 &+ time) / 8
        // Publishers who need longer to come back than the disk needs to commit are the ones to keep busy: a quarter of
        // them works while the disk does. Where the disk is slower, every message counts that shares its turn.
        let wanted = gathering > commitTime && publishes > 8 ? publishes - publishes / 4 : publishes
        // Fewer came: it may be that the rest was a moment late.
        expected = max(wanted, expected * 3 / 4)
    }

    /// The longest that a batch waits for those who are expected back.
    var gatherLimit: Duration { .nanoseconds(Int64(clamping: min(commitTime / 2, 2_000_000))) }

    /// How long a backlog waits for the next batch when none comes: whoever published has stopped, or takes their time.
    var backlogPatience: Duration { .nanoseconds(Int64(clamping: max(500_000, min(commitTime * 2, 8_000_000)))) }

    /// How many messages may be delivered from a backlog between two batches while somebody publishes.
    ///
    /// A consumer takes what waits several times as fast as publishers bring new ones, since it waits for no answer; its
    /// acknowledgements and the reading would leave little of the disk and of the loop to those who do wait. More than
    /// what is stored, so that the backlog shrinks; and as much as passes beside the disk's syncing, a message in 16 µs.
    func backlogShare(stored: Int) -> Int { max(32, stored + stored / 4, Int(clamping: commitTime / 16_000)) }

    /// When to write, given what waits; `.never` when nothing does.
    func time(publishes: Int, settlements: Int, isUrgent: Bool, settlementDelay: Duration) -> MonotonicTime {
        var time = MonotonicTime.never
        if publishes > 0 {
            let isComplete = publishes >= expected || expected <= 1
            time = isComplete ? firstPublish : firstPublish + gatherLimit
        }
        if settlements > 0 {
            // Many at once: more of them would hold up whoever publishes next.
            let isEnough = isUrgent || settlements >= 1024
            time = min(time, isEnough ? firstSettlement : firstSettlement + settlementDelay)
        }
        return max(time, notBefore)
    }
}
