public import MartletHTTP

/// The cookie that a browser shows to be known again: how it is written and found. What is in it, and whether it counts,
/// is for the authentication service to say; others pass it on.
public enum SessionCookie {
    public static let name = "martlet_session"

    /// The cookie's value; nil when the request has none. Of several, the first (RFC 6265 §5.4: of the longest path).
    public static func value(in headers: HTTPHeaders) -> String? {
        for header in headers.values(of: "Cookie") {
            for pair in header.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0].drop(while: { $0 == " " || $0 == "\t" }) == name else { continue }
                return String(parts[1])
            }
        }
        return nil
    }

    /// For `Set-Cookie` (RFC 6265 §4.1). Scripts do not see it, and other sites' pages do not send it.
    /// - Parameters:
    ///   - lifetime: zero makes the browser forget it.
    ///   - isSecure: whether it is sent over HTTPS alone.
    public static func setting(_ value: String, lifetime: Duration, isSecure: Bool) -> String {
        let seconds = max(0, lifetime.components.seconds)
        let text = "\(name)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax"
        return isSecure ? text + "; Secure" : text
    }
}
