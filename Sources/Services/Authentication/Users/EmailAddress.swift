internal import MartletCore

/// What can be the e-mail address of an account.
///
/// Not RFC 5321's grammar: an address is known to be right when a mail arrives there. Kept out is what can be no address
/// at all, and what would do harm in a log line, a header or a database.
enum EmailAddress {
    /// In bytes: the longest path that mail can be sent to (RFC 5321 §4.5.3.1.3, without its brackets).
    static let limit = 254

    static func isPlausible(_ text: String) -> Bool { problem(with: text) == nil }

    /// - Throws: `invalidArgument` with what is wrong.
    static func validated(_ text: String) throws(ServiceError) -> String {
        if let problem = problem(with: text) { throw ServiceError(.invalidArgument, problem) }
        return text
    }

    /// Equal for addresses that may belong to one account. Coarser than any database's `lower()`, so that whoever
    /// varies the case of an address gets no further attempts by it.
    static func folded(_ text: String) -> String { text.lowercased() }

    private static func problem(with text: String) -> String? {
        let bytes = text.utf8
        if bytes.isEmpty { return "the e-mail address is empty" }
        if bytes.count > limit { return "the e-mail address is longer than \(limit) bytes" }
        let isPrintable = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned: false
            default: true
            }
        }
        if !isPrintable { return "the e-mail address holds a blank or a control character" }
        let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            return "the e-mail address must have the form name@domain"
        }
        return nil
    }
}
