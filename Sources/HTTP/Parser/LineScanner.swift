/// Finds the lines of a head in bytes that arrive piece by piece. Each byte is looked at once, however small the
/// pieces; a line ends with CR LF and with nothing else (RFC 9112 §2.2 allows to refuse a bare LF, and two parsers that
/// disagree on it are how requests are smuggled).
struct LineScanner {
    private(set) var lineStart = 0
    private var scanned = 0

    init(start: Int = 0) {
        lineStart = start
        scanned = start
    }

    enum Failure { case tooLong, bareLineFeed }

    enum Line {
        case complete(start: Int, end: Int)
        case partial
        case failed(Failure)
    }

    /// The next line of `input` without its CR LF. `limit` is the offset no line may end after.
    @inline(__always)
    mutating func next(_ input: UnsafeRawBufferPointer, limit: Int) -> Line {
        guard let lineFeed = input.firstIndex(of: ASCII.lf, from: scanned) else {
            scanned = input.count
            return input.count > limit ? .failed(.tooLong) : .partial
        }
        guard lineFeed < limit else { return .failed(.tooLong) }
        guard lineFeed > lineStart, input[lineFeed &- 1] == ASCII.cr else { return .failed(.bareLineFeed) }
        let start = lineStart
        lineStart = lineFeed &+ 1
        scanned = lineStart
        return .complete(start: start, end: lineFeed &- 1)
    }
}
