/// What the receiver says (RFC 5321 §4.2, with the enhanced codes of RFC 3463 where RFC 2034 wants them).
public struct SMTPReply: Error, Sendable, Hashable {
    /// 200 to 599.
    public var code: Int
    /// `5.1.3`; nil where a reply has none: the greeting, EHLO, DATA's 354.
    public var enhanced: String?
    /// At least one.
    public var lines: [String]

    public init(_ code: Int, _ enhanced: String? = nil, _ lines: String...) {
        self.code = code
        self.enhanced = enhanced
        self.lines = lines
    }

    /// Whether the client's doing was wrong, or cannot be done now.
    public var isFailure: Bool { code >= 400 }

    public var text: String {
        var text = ""
        for (index, line) in lines.enumerated() {
            text += "\(code)\(index + 1 < lines.count ? "-" : " ")"
            if let enhanced { text += "\(enhanced) " }
            text += line + "\r\n"
        }
        return text
    }
}

extension SMTPReply {
    static let badSequence = SMTPReply(503, "5.5.1", "bad sequence of commands")
    static let lineEnd = SMTPReply(521, "5.5.2", "lines must end in CRLF; a CR or LF alone is refused")
    static let lineTooLong = SMTPReply(500, "5.5.6", "line too long")
    static let tooBig = SMTPReply(552, "5.3.4", "the message is larger than this server takes")
    static let timedOut = SMTPReply(421, "4.4.2", "too slow; closing")
    static let closing = SMTPReply(421, "4.3.2", "shutting down; closing")
    static let tooManyErrors = SMTPReply(421, "4.7.0", "too many errors; closing")
    static let tooManyCommands = SMTPReply(421, "4.7.0", "too many commands; closing")
    static let tooManyConnections = SMTPReply(421, "4.7.0", "too many connections; try again later")
    static let tooBusy = SMTPReply(452, "4.3.1", "too much mail at once; try again later")
}
