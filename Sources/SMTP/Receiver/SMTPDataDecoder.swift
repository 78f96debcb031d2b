internal import Glibc

/// Reads what follows DATA: takes the doubled dots out and finds the end, `CRLF . CRLF` (RFC 5321 §4.5.2). A CR or LF
/// alone is an error: it is where receivers disagree, which is what SMTP smuggling lives on.
///
/// The result is the same in whatever pieces the bytes come.
public struct SMTPDataDecoder: Sendable {
    /// In bytes, without CRLF. RFC 5321 §4.5.3.1.6 has 998 and asks for more where it can be had.
    let lineLimit: Int
    private var isAtLineStart = true
    private var lineLength = 0

    public init(lineLimit: Int = 16 << 10) { self.lineLimit = lineLimit }

    /// Takes what can be decided from the front of `input` and hands the message's bytes to `sink`.
    /// - Returns: how many bytes were taken, and whether the end was among them; it comes last.
    /// - Throws: the reply with which the connection ends.
    public mutating func decode(
        _ input: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) -> Void
    ) throws(SMTPReply) -> (consumed: Int, isFinished: Bool) {
        var start = 0
        while start < input.count {
            if isAtLineStart, input[start] == ASCII.dot {
                let left = input.count - start
                if left == 1 || left == 2 && input[start + 1] == ASCII.cr { return (start, false) }
                if input[start + 1] == ASCII.cr, input[start + 2] == ASCII.lf { return (start + 3, true) }
                start += 1
            }
            isAtLineStart = false
            let rest = UnsafeRawBufferPointer(rebasing: input[start...])
            guard let end = Self.index(of: ASCII.lf, in: rest) else {
                return (start + (try takeUnfinished(rest, into: sink)), false)
            }
            let first = Self.index(of: ASCII.cr, in: UnsafeRawBufferPointer(rebasing: rest[..<end])) ?? end
            // Before the line's end is looked at, so that the reply does not depend on the pieces.
            try add(first)
            guard first == end - 1 else { throw SMTPReply.lineEnd }
            sink(UnsafeRawBufferPointer(rebasing: rest[...end]))
            start += end + 1
            isAtLineStart = true
            lineLength = 0
        }
        return (start, false)
    }

    /// The rest has no LF. A CR at its very end may be the first half of one.
    private mutating func takeUnfinished(
        _ rest: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) -> Void
    ) throws(SMTPReply) -> Int {
        guard let cr = Self.index(of: ASCII.cr, in: rest) else {
            try add(rest.count)
            sink(rest)
            return rest.count
        }
        try add(cr)
        guard cr == rest.count - 1 else { throw SMTPReply.lineEnd }
        sink(UnsafeRawBufferPointer(rebasing: rest[..<cr]))
        return cr
    }

    private mutating func add(_ count: Int) throws(SMTPReply) {
        lineLength += count
        guard lineLength <= lineLimit else { throw SMTPReply(521, "5.5.6", "a line is longer than \(lineLimit) bytes") }
    }

    private static func index(of byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, !bytes.isEmpty, let found = memchr(base, Int32(byte), bytes.count) else {
            return nil
        }
        return UnsafeRawPointer(found) - base
    }
}
