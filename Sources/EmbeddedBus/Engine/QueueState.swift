internal import MartletCore
internal import MartletMessaging

/// A queue as the engine knows it: its counts, where the reading of its messages has come to, and the few that are in
/// memory. Confined to the engine's loop.
final class QueueState {
    let number: Int64
    let name: String
    let kind: Queue.Kind
    var maximumAttempts: Int
    var limits: Queue.Limits
    var bindings: Set<Binding> = []
    var isDeleted = false

    /// What is on disk.
    var messages: Int
    var bytes: Int
    /// What is accepted and on its way there.
    var plannedMessages = 0
    var plannedBytes = 0

    /// The id that the next message gets.
    var nextID: Int64
    /// The last id that is on disk.
    var lastID: Int64
    /// Everything up to this id was brought into memory.
    var readID: Int64

    /// Given back by a consumer that did not try them.
    var returned = Line<StoredMessage>()
    /// Failed before, and due.
    var due = Line<StoredMessage>()
    /// The next messages, as they came.
    var ready = Line<StoredMessage>()
    private(set) var readyBytes = 0

    var delayedPlace = DelayedPlace()
    /// When the next of the failed messages that were not brought into memory is due, in milliseconds since 1970.
    var nextDue: Int64?

    /// Up to when the failed ones were read.
    private var delayedBound: Int64 = -1
    /// The earliest time at which one of those is due that were accepted, or are being written.
    private var acceptedFloor = Int64.max
    private var writtenFloor = Int64.max

    /// What was delivered since the last batch, while there was more on disk than in memory.
    var deliveredFromBacklog = 0
    /// It has had its share of that, and goes on after the next batch.
    var isHeldBack = false

    var isFetching = false
    var isFetchingDue = false

    var consumers: [ConsumerState] = []
    private var turn = 0

    /// What one queue keeps in memory of the messages that wait.
    private static let readyLimit = 512
    private static let readyByteLimit = 1 << 20

    init(
        number: Int64, name: String, kind: Queue.Kind, maximumAttempts: Int, limits: Queue.Limits, messages: Int = 0,
        bytes: Int = 0, lastID: Int64? = nil
    ) {
        self.number = number
        self.name = name
        self.kind = kind
        self.maximumAttempts = maximumAttempts
        self.limits = limits
        self.messages = messages
        self.bytes = bytes
        let first = BusSchema.firstID(ofQueue: number)
        self.lastID = lastID ?? first
        nextID = (lastID ?? first) + 1
        readID = first
    }

    /// Whether everything that is on disk was brought into memory.
    var isReadOut: Bool { readID >= lastID }

    /// A message has been written: it is kept in memory if it is the next to be read and there is room.
    private func wrote(_ message: StoredMessage) {
        // What was read while it was being written is here already.
        if message.id > readID, isReadOut, ready.count < Self.readyLimit, readyBytes < Self.readyByteLimit,
            !consumers.isEmpty
        {
            ready.append(message)
            readyBytes += message.data.count
            readID = message.id
        }
        lastID = max(lastID, message.id)
    }

    // MARK: Counts

    func hasRoom(for size: Int) -> Bool {
        messages + plannedMessages < limits.messages && bytes + plannedBytes + size <= limits.bytes
    }

    /// A planned message is on disk.
    func stored(_ message: StoredMessage) {
        unplan(message.data.count)
        messages += 1
        bytes += message.data.count
        wrote(message)
    }

    func unplan(_ size: Int) {
        plannedMessages -= 1
        plannedBytes -= size
    }

    /// A message of this size is gone from disk.
    func forget(_ size: Int) {
        messages -= 1
        bytes -= size
    }

    // MARK: What is in memory

    /// Messages came from disk. `isAll`: there are no more up to `snapshot`, the last id when they were asked for.
    func read(_ messages: [StoredMessage], isAll: Bool, snapshot: Int64) {
        for message in messages where message.id > readID {
            ready.append(message)
            readyBytes += message.data.count
        }
        readID = max(readID, messages.last?.id ?? readID, isAll ? snapshot : readID)
    }

    /// Messages that were delivered and not tried: they are the first to go out again, in their old order.
    func giveBack(_ messages: [StoredMessage]) {
        var all = messages
        while let message = returned.popFirst() { all.append(message) }
        all.sort { $0.id < $1.id }
        returned.append(contentsOf: all)
    }

    func takeNext() -> StoredMessage? {
        if let message = returned.popFirst() { return message }
        if let message = due.popFirst() { return message }
        guard let message = ready.popFirst() else { return nil }
        readyBytes -= message.data.count
        return message
    }

    /// In memory and not delivered.
    var waitingInMemory: Int { returned.count + due.count + ready.count }

    var wantsMessages: Bool {
        !isFetching && !isReadOut && ready.count < Self.readyLimit / 4 && readyBytes < Self.readyByteLimit
            && consumers.contains { $0.hasCredit }
    }

    // MARK: Messages that failed

    /// Up to when the failed ones may be read at `now`: none may come to disk later with an earlier time, or reading on
    /// would pass it by.
    private func bound(at now: Int64) -> Int64 { min(now, acceptedFloor - 1, writtenFloor - 1) }

    /// The time at which a message that has just failed is due: after what was read.
    func plan(due time: Int64) -> Int64 {
        let due = max(time, delayedBound + 1)
        acceptedFloor = min(acceptedFloor, due)
        return due
    }

    /// A batch is being written. `isAll`: it takes everything that was accepted.
    func beganWriting(isAll: Bool) {
        writtenFloor = acceptedFloor
        if isAll { acceptedFloor = .max }
    }

    func endedWriting(isKept: Bool) {
        if !isKept { acceptedFloor = min(acceptedFloor, writtenFloor) }
        writtenFloor = .max
    }

    func beginReadingDue(at now: Int64) -> Int64 {
        delayedBound = max(delayedBound, bound(at: now))
        nextDue = nil
        return delayedBound
    }

    func wantsDue(at now: Int64) -> Bool {
        guard let nextDue, nextDue <= bound(at: now), !isFetchingDue, due.isEmpty else { return false }
        return consumers.contains { $0.hasCredit }
    }

    func willBeDue(at time: Int64) { nextDue = min(nextDue ?? time, time) }

    // MARK: Consumers

    /// Consumers take turns, so that none of them goes without.
    func nextConsumer() -> ConsumerState? {
        for _ in consumers.indices {
            turn = turn + 1 >= consumers.count ? 0 : turn + 1
            if consumers[turn].hasCredit { return consumers[turn] }
        }
        return nil
    }

    /// Nobody is there to deliver to: memory is for queues that move.
    func forgetReady() {
        guard consumers.isEmpty, !isFetching, let first = ready.first else { return }
        readID = first.id - 1
        ready.removeAll()
        readyBytes = 0
    }
}
