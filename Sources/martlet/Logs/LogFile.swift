internal import Glibc
internal import MartletCore

/// A log file that is open for reading: what stands at its end, and what comes after that.
///
/// The descriptor is the file's own, so that a file that is renamed meanwhile is read to its end.
final class LogFile {
    private let descriptor: Int32
    /// Everything before it was read.
    private var offset = 0
    /// Read, and not yet a whole line.
    private var partial: [UInt8] = []

    /// What is longer than any line of ours is cut into several.
    static let lineLimit = 1 << 20
    private static let blockSize = 64 << 10

    /// Nil when there is no such file.
    /// - Throws: `failedPrecondition` when it cannot be read.
    init?(_ path: String) throws(ServiceError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else {
            throw ServiceError(.failedPrecondition, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private var status: stat {
        var status = stat()
        fstat(descriptor, &status)
        return status
    }

    /// Whether this is what the path names now.
    func isStill(at path: String) -> Bool {
        var named = stat()
        let own = status
        return stat(path, &named) == 0 && named.st_ino == own.st_ino && named.st_dev == own.st_dev
    }

    // MARK: The end

    /// The last `count` lines that `filter` takes, the oldest first. What is written from now on, ``readNew()`` gives.
    func last(_ count: Int, _ filter: LogFilter) -> [LogLine] {
        var position = status.st_size
        offset = position
        var found: [LogLine] = []
        // The beginning of a line whose end is in the block after, or at first what is no line yet.
        var rest: [UInt8] = []
        var isAtEnd = true
        while position > 0, found.count < count || isAtEnd {
            let size = min(Self.blockSize, position)
            var text = read(size, at: position - size)
            guard text.count == size else { break }
            position -= size
            text += rest
            if isAtEnd, let end = text.lastIndex(of: 0x0A) {
                partial = Array(text[(end + 1)...])
                text.removeSubrange(end...)
                isAtEnd = false
            }
            let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
            rest = isAtEnd || lines.isEmpty ? text : Array(lines[0])
            if rest.count > Self.lineLimit { rest = [] }
            if !isAtEnd { take(lines.dropFirst(), into: &found, count, filter) }
        }
        if isAtEnd { partial = rest } else if position == 0 { take([rest[...]], into: &found, count, filter) }
        return found.reversed()
    }

    private func take(
        _ lines: ArraySlice<ArraySlice<UInt8>>, into found: inout [LogLine], _ count: Int, _ filter: LogFilter
    ) {
        for bytes in lines.reversed() where found.count < count && !bytes.isEmpty {
            let line = LogLine(Array(bytes))
            if filter.takes(line) { found.append(line) }
        }
    }

    // MARK: What is new

    /// The lines that have come since, 1 MiB of them at most; none when nothing has.
    func readNew() -> [LogLine] {
        // Somebody emptied it: from the start.
        if status.st_size < offset {
            offset = 0
            partial = []
        }
        let bytes = read(Self.lineLimit, at: offset)
        offset += bytes.count
        var lines = (partial + bytes).split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        partial = lines.popLast() ?? []
        if partial.count > Self.lineLimit {
            lines.append(partial)
            partial = []
        }
        return lines.filter { !$0.isEmpty }.map(LogLine.init)
    }

    private func read(_ count: Int, at position: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let got = pread(descriptor, rest.baseAddress, rest.count, position + filled)
                if got < 0, errno == EINTR { continue }
                if got <= 0 { return }
                filled += got
            }
        }
    }
}
