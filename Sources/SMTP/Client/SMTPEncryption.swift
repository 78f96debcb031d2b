/// How the connection to a mail server is kept from being read by others (`MAIL_ENCRYPTION`; contracts, course A.6).
public enum SMTPEncryption: Sendable, Hashable {
    /// TLS by STARTTLS if the server offers it, else none. Where there is a password to be sent, without TLS nothing is.
    case opportunistic
    /// TLS by STARTTLS, or no mail.
    case required
    /// TLS from the first byte.
    case implicit
    case none

    /// What the original makes of the words, and `starttls` for ``required``, which it does not have.
    public init(word: String) {
        switch word {
        case "ssl": self = .implicit
        case "none", "": self = .none
        case "starttls": self = .required
        default: self = .opportunistic
        }
    }

    /// The port that belongs to it (RFC 6409, 8314).
    public var standardPort: Int {
        switch self {
        case .opportunistic, .required: 587
        case .implicit: 465
        case .none: 25
        }
    }
}
