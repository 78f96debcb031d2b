// The front end: gives out the test page and its files, and passes on what the page shows of the logger and the mail
// service (Relay). The buttons' requests go from the browser to the broker; what they send is in the page's script
// (Sources/C/FrontEndAssets/assets), not here.

public import MartletCore
public import MartletHTTP

/// The front end's answers. As in the original, every path and every method gets the page (contracts, course A.8); but
/// GET and HEAD of the page's own files get these.
public struct FrontEnd: Sendable {
    /// What the page shows beside the tests, by the name in its markup.
    public enum Panel: String, Sendable, CaseIterable {
        case log, mailbox

        /// Whose data it is, by the names of `PAGE_SERVICES`.
        var service: String {
            switch self {
            case .log: "log"
            case .mailbox: "mail"
            }
        }
    }

    private let page: HTTPAsset
    private let files: [String: HTTPAsset]

    /// - Parameters:
    ///   - broker: the broker's address as a *browser* reaches it: `http://localhost:8080`.
    ///   - services: what the broker can pass requests to: `auth`, `log`, `bus`, `mail`, `logout`, `log-grpc`. The button
    ///     of one that is missing says so.
    ///   - panels: what this server passes on; the page asks for nothing else.
    /// - Throws: ``ServiceError`` for an address that is no absolute `http` or `https` URL.
    public init(broker: String, services: [String], panels: [Panel] = []) throws {
        let page = try Page(broker: broker, services: services, panels: panels.map(\.rawValue))
        self.page = HTTPAsset(
            page.html, contentType: "text/html; charset=utf-8",
            headers: Self.headers(policy: page.contentSecurityPolicy))
        // An icon opened by itself is a document too: it may load nothing.
        let headers = Self.headers(policy: "default-src 'none'; frame-ancestors 'none'")
        files = Dictionary(
            uniqueKeysWithValues: Asset.files.map { file in
                (file.path, HTTPAsset(file.bytes, contentType: file.contentType, headers: headers))
            })
    }

    /// Answers every request: to be mounted behind whatever else the server offers.
    public var handler: HTTPHandler {
        Endpoint(http: "page") { request in answer(request) }
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == .get || request.method == .head else {
            // Only reading is conditional (RFC 9110 §13.2.1).
            return page.response(to: HTTPRequest(.get, "/"))
        }
        return (files[request.rawPath] ?? page).response(to: request)
    }

    private static func headers(policy: String) -> HTTPHeaders {
        [
            "Content-Security-Policy": policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        ]
    }
}
