// The front end: gives out the test page and its files. It calls nobody; the page does, from the browser. What the
// buttons send is in the page's script (Sources/C/FrontEndAssets/assets), not here.

public import MartletCore
public import MartletHTTP

/// The front end's answers. As in the original, every path and every method gets the page (contracts, course A.8); but
/// GET and HEAD of the page's own files get these.
public struct FrontEnd: Sendable {
    private let page: Representation
    private let files: [String: Representation]

    /// - Parameters:
    ///   - broker: the broker's address as a *browser* reaches it: `http://localhost:8080`.
    ///   - services: what the broker can pass requests to: `auth`, `log`, `mail`, `log-grpc`. The button of one that is
    ///     missing says so.
    /// - Throws: ``ServiceError`` for an address that is no absolute `http` or `https` URL.
    public init(broker: String, services: [String]) throws {
        let page = try Page(broker: broker, services: services)
        self.page = Representation(page.asset, policy: page.contentSecurityPolicy)
        // An icon opened by itself is a document too: it may load nothing.
        files = Dictionary(
            uniqueKeysWithValues: [Asset.styleSheet, .script, .icon].map { file in
                (file.path, Representation(file, policy: "default-src 'none'; frame-ancestors 'none'"))
            })
    }

    /// Answers every request. To be mounted for all paths and methods.
    public var handler: HTTPHandler {
        Endpoint(http: "page") { request in answer(request) }
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == .get || request.method == .head else { return page.response() }
        return (files[request.rawPath] ?? page).response(unless: request.headers["If-None-Match"])
    }
}
