/// A message as the engine holds it: its bytes, and what the store knows of it.
struct StoredMessage: Sendable {
    /// See ``BusSchema``.
    var id: Int64
    /// Deliveries that failed.
    var attempts: Int
    /// Milliseconds since 1970.
    var at: Int64
    var data: [UInt8]
    /// It is in the table of those that failed before.
    var isDelayed = false
}

/// What one transaction is to write.
struct WritePlan: Sendable {
    struct Delay: Sendable {
        var message: StoredMessage
        var queue: Int64
        var due: Int64
    }

    struct Death: Sendable {
        var message: StoredMessage
        var queue: Int64
        var reason: String
        var diedAt: Int64
    }

    struct Change: Sendable {
        var messages = 0
        var bytes = 0
    }

    var inserts: [StoredMessage] = []
    /// Acknowledged: from `messages`, and from `delayed`.
    var deletes: [Int64] = []
    var delayedDeletes: [Int64] = []
    var delays: [Delay] = []
    var deaths: [Death] = []
    /// Dead letters that are put back; their messages are among the inserts.
    var revived: [Int64] = []
    /// Ids of the publishes, for the window of repeats.
    var publishIDs: [PublishID] = []
    /// The number of the row that they are kept in.
    var publishRow: Int64 = 0
    /// Rows of them below this number are of no more use.
    var forgottenRow: Int64?
    var at: Int64 = 0
    /// By queue number.
    var changes: [Int64: Change] = [:]

    var isEmpty: Bool {
        inserts.isEmpty && deletes.isEmpty && delayedDeletes.isEmpty && delays.isEmpty && deaths.isEmpty
            && revived.isEmpty
    }

    mutating func count(_ queue: Int64, messages: Int, bytes: Int) {
        changes[queue, default: Change()].messages += messages
        changes[queue, default: Change()].bytes += bytes
    }

    /// Runs of consecutive numbers: what is acknowledged in order, as it mostly is, goes in one statement.
    static func runs(of ids: [Int64]) -> [ClosedRange<Int64>] {
        var runs: [ClosedRange<Int64>] = []
        for id in ids.sorted() {
            if let last = runs.last, last.upperBound + 1 == id {
                runs[runs.count - 1] = last.lowerBound...id
            } else if runs.last?.upperBound != id {
                runs.append(id...id)
            }
        }
        return runs
    }
}
