internal import MartletCore

/// The publishes of late, to tell a repeat by. Two generations: when the younger is full or old, the elder is forgotten
/// at once, in memory and on disk.
struct RepeatWindow {
    private struct Generation {
        var ids: Set<UInt128> = []
        /// The first of its rows in the store.
        var firstRow: Int64 = 0
        var start: Int64 = 0
    }

    private var younger = Generation()
    private var elder = Generation()
    private let limit: Int
    private let time: Int64

    /// - Parameter time: in milliseconds.
    init(limit: Int, time: Int64) {
        self.limit = max(1, limit)
        self.time = time
    }

    func contains(_ id: PublishID) -> Bool { younger.ids.contains(id.value) || elder.ids.contains(id.value) }

    /// Takes in the ids of the row with this number, which is on disk.
    /// - Returns: the number below which rows are of no more use, when there are any new such.
    mutating func insert(_ ids: [PublishID], row: Int64, at now: Int64) -> Int64? {
        var useless: Int64?
        if younger.ids.count >= limit || now - younger.start > time, !younger.ids.isEmpty {
            useless = younger.firstRow
            // The memory of the one that is forgotten is the next one's.
            swap(&elder, &younger)
            younger.ids.removeAll(keepingCapacity: true)
            younger.firstRow = row
            younger.start = now
        } else if younger.ids.isEmpty {
            younger.firstRow = row
            younger.start = now
        }
        for id in ids { younger.ids.insert(id.value) }
        return useless
    }

    // MARK: On disk

    static func bytes(of ids: [PublishID]) -> [UInt8] {
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(ids.count * 16)
        for id in ids { writer.write(id.value) }
        return writer.bytes
    }

    static func ids(of bytes: [UInt8]) -> [PublishID] {
        bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 16).map {
                PublishID(UInt128(bigEndian: bytes.loadUnaligned(fromByteOffset: $0 * 16, as: UInt128.self)))
            }
        }
    }
}
