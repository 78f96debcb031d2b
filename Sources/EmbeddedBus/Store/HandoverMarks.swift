internal import Glibc
internal import Synchronization

/// Which deliveries somebody is handling at this moment, in a file that the owner of the bus and those who consume have
/// mapped into memory.
///
/// What a process has stored there is in the file when the process is killed, without a system call: so each message can
/// be marked before its handler sees it, and the mark found by whoever looks after the handler has brought its process
/// down. It need not outlive the machine: no handler makes a power cut.
///
/// A delivery's tag says where its mark is. Tags are never used twice, so that a mark that comes late, by a consumer
/// whose delivery was taken back, means nothing.
final class HandoverMarks: @unchecked Sendable {
    // @unchecked: a mapping that stays until the last reference goes, and atomic words in it.

    /// The lowest bits of a tag are the number of its place; 0 for a delivery that has none.
    static let placeBits: UInt64 = 14
    /// As many deliveries as can be in hand and be told apart, with the one that is never used.
    static let placeCount = 1 << placeBits
    /// Where in the file the marks are. What follows is the owner's, see ``HandoverJournal``.
    static let offset = 4096
    static let size = placeCount * MemoryLayout<UInt64>.size

    static func place(of tag: UInt64) -> Int { Int(tag & (1 << placeBits - 1)) }

    private let base: UnsafeMutableRawPointer
    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    /// Maps the marks of a file that the owner has made; nil when that cannot be had, or is no such file.
    convenience init?(path: String) {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard HandoverJournal.isComplete(descriptor) else { return nil }
        self.init(mapping: descriptor)
    }

    init?(mapping descriptor: Int32) {
        let base = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, Self.offset)
        guard let base, base != MAP_FAILED else { return nil }
        self.base = base
        words = base.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    deinit { munmap(base, Self.size) }

    /// Before the delivery's handler sees it.
    func begin(_ tag: UInt64) {
        let place = Self.place(of: tag)
        if place > 0 { words[place].store(tag, ordering: .releasing) }
    }

    /// After its handler has settled it.
    func end(_ tag: UInt64) {
        let place = Self.place(of: tag)
        if place > 0 { _ = words[place].compareExchange(expected: tag, desired: 0, ordering: .relaxed) }
    }

    func isBegun(_ tag: UInt64) -> Bool {
        let place = Self.place(of: tag)
        return place > 0 && words[place].load(ordering: .acquiring) == tag
    }
}
