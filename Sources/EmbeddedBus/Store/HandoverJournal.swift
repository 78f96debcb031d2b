internal import Glibc
internal import MartletCore

/// A delivery that was being handled when the process that owned the bus died.
struct BegunDelivery: Hashable {
    var id: Int64
    var at: Int64
    /// Before this one. With it, and the time, the message is told from any other that had its id, and from itself once
    /// the attempt is counted.
    var attempts: Int
}

/// What is in consumers' hands, so that the attempts of those messages are counted whose handler brought the bus's own
/// process down: in a file beside the store, mapped into memory. See ``HandoverMarks`` for why that is enough.
///
/// Behind the marks there is an entry for each place: the message, and its delivery's tag. Only the owner maps those, so
/// that a consumer's process cannot write there. Confined to the engine's loop.
final class HandoverJournal {
    let path: String
    let marks: HandoverMarks
    private let entries: UnsafeMutablePointer<Entry>
    /// The one that was used last is used next, so that few pages are touched.
    private var freePlaces: [UInt16]

    private struct Entry {
        var id: Int64
        var at: Int64
        var attempts: Int64
        /// 0 while nobody has it. Written last, and taken away first.
        var tag: UInt64
    }

    private static let magic = Array("MBUSHND1".utf8)
    private static let entriesOffset = HandoverMarks.offset + HandoverMarks.size
    private static let entriesSize = HandoverMarks.placeCount * MemoryLayout<Entry>.stride
    private static let fileSize = entriesOffset + entriesSize

    /// Makes a new file in the place of the one that may be there. That one is not changed, since a consumer may have it
    /// mapped; a file that is cut short under a mapping ends the process that looks at it.
    /// - Throws: `unavailable` with the reason. The bus can do without.
    init(replacing path: String) throws(ServiceError) {
        func failure(_ what: String) -> ServiceError {
            ServiceError(.unavailable, "cannot \(what) \(path): \(String(cString: strerror(errno)))")
        }
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = Glibc.open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make") }
        defer { close(descriptor) }
        // Its blocks as well: a write to a page that the disk has no room for would end the process.
        let code = posix_fallocate(descriptor, 0, Self.fileSize)
        guard code == 0 else {
            unlink(temporary)
            errno = code
            throw failure("make room for")
        }
        guard pwrite(descriptor, Self.magic, Self.magic.count, 0) == Self.magic.count,
            rename(temporary, path) == 0, let resolved = realpath(path, nil)
        else { throw failure("write") }
        // A consumer may be in another folder.
        self.path = String(cString: resolved)
        free(resolved)
        guard let marks = HandoverMarks(mapping: descriptor),
            let base = mmap(
                nil, Self.entriesSize, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, Self.entriesOffset),
            base != MAP_FAILED
        else { throw failure("map") }
        self.marks = marks
        entries = base.assumingMemoryBound(to: Entry.self)
        freePlaces = (1..<UInt16(HandoverMarks.placeCount)).reversed()
    }

    deinit { munmap(entries, Self.entriesSize) }

    /// The owner closes in order: what is in hand goes back, and nobody has died.
    func remove() { unlink(path) }

    // MARK: Places

    /// A delivery begins its way to a consumer. Without a free place it has none, and is not told from others.
    func place(for message: StoredMessage, counter: UInt64) -> UInt64 {
        let tag = counter << HandoverMarks.placeBits
        guard let place = freePlaces.popLast() else { return tag }
        let complete = tag | UInt64(place)
        entries[Int(place)].id = message.id
        entries[Int(place)].at = message.at
        entries[Int(place)].attempts = Int64(message.attempts)
        entries[Int(place)].tag = complete
        return complete
    }

    /// The delivery is settled, or taken back.
    func leave(_ tag: UInt64) {
        let place = HandoverMarks.place(of: tag)
        guard place > 0, entries[place].tag == tag else { return }
        entries[place].tag = 0
        freePlaces.append(UInt16(truncatingIfNeeded: place))
    }

    // MARK: What an owner left

    static func isComplete(_ descriptor: Int32) -> Bool {
        var information = stat()
        var start = [UInt8](repeating: 0, count: magic.count)
        return fstat(descriptor, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
            && information.st_size == fileSize && pread(descriptor, &start, start.count, 0) == start.count
            && start == magic
    }

    /// What was being handled when the owner of this file died; nothing when it closed in order, or the file is none.
    static func begunDeliveries(at path: String) -> [BegunDelivery] {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        guard isComplete(descriptor) else { return [] }
        var bytes = [UInt8](repeating: 0, count: fileSize)
        guard pread(descriptor, &bytes, fileSize, 0) == fileSize else { return [] }
        return bytes.withUnsafeBytes { bytes in
            (1..<HandoverMarks.placeCount).compactMap { place in
                let start = entriesOffset + place * MemoryLayout<Entry>.stride
                let entry = bytes.loadUnaligned(fromByteOffset: start, as: Entry.self)
                let mark = bytes.loadUnaligned(fromByteOffset: HandoverMarks.offset + place * 8, as: UInt64.self)
                guard entry.tag != 0, entry.tag == mark else { return nil }
                return BegunDelivery(id: entry.id, at: entry.at, attempts: Int(entry.attempts))
            }
        }
    }
}
