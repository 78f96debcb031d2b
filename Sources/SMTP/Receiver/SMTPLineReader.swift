/// Finds the lines of commands. A line ends in CRLF and in nothing else: whoever takes a lone LF for an end and whoever
/// does not disagree on where a message ends, and in that gap foreign mail can be slipped in (SMTP smuggling).
public struct SMTPLineReader: Sendable {
    /// In bytes, with CRLF. RFC 5321 §4.5.3.1.4 asks for 512, and parameters make lines longer.
    let limit: Int
    /// How much of the unfinished line has been looked at.
    private var scanned = 0

    public init(limit: Int = 2048) { self.limit = limit }

    /// - Returns: the length of the first line in `input`, with its CRLF; nil when it is not all there.
    /// - Throws: the reply with which the connection ends.
    public mutating func next(_ input: UnsafeRawBufferPointer) throws(SMTPReply) -> Int? {
        var index = min(scanned, input.count)
        while index < input.count {
            guard index < limit else { throw SMTPReply.lineTooLong }
            let byte = input[index]
            if byte == ASCII.lf { throw SMTPReply.lineEnd }
            if byte == ASCII.cr {
                guard index + 1 < input.count else { break }
                guard input[index + 1] == ASCII.lf else { throw SMTPReply.lineEnd }
                scanned = 0
                guard index + 2 <= limit else { throw SMTPReply.lineTooLong }
                return index + 2
            }
            index += 1
        }
        scanned = index
        return nil
    }
}
