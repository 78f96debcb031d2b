internal import MartletHTTP

/// What an answer is to the browser, whatever the service behind says: its type, and what it may do on this origin.
enum RelayedContent {
    case json
    case events
    /// A text that somebody else wrote.
    case text
    /// A page that somebody else wrote: no script of it runs, nothing is fetched for it, and it has an origin of its own.
    /// It may be shown in a frame of this origin.
    case html
    /// A file that somebody else sent: for saving, never shown.
    case download

    private static let nothing = "default-src 'none'; frame-ancestors 'none'"
    private static let mail =
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

    func headers(for answer: HTTPResponse) -> HTTPHeaders {
        // An error is the envelope of the house, whatever was asked for.
        let content = answer.status.isSuccess ? self : .json
        var headers: HTTPHeaders = [
            "Cache-Control": "no-store",
            "Content-Security-Policy": content == .html ? Self.mail : Self.nothing,
            "Content-Type": content.type,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        ]
        if content == .download {
            headers["Content-Disposition"] = answer.headers["Content-Disposition"].flatMap(Self.saved) ?? "attachment"
        }
        if content == .events { headers["X-Accel-Buffering"] = "no" }
        if let time = answer.headers["Retry-After"] { headers["Retry-After"] = time }
        return headers
    }

    private var type: String {
        switch self {
        case .json: "application/json"
        case .events: "text/event-stream"
        case .text: "text/plain; charset=utf-8"
        case .html: "text/html; charset=utf-8"
        case .download: "application/octet-stream"
        }
    }

    /// The file's name is the service's to say; that it is saved is not.
    private static func saved(_ disposition: String) -> String? {
        disposition.hasPrefix("attachment;") || disposition == "attachment" ? disposition : nil
    }
}
