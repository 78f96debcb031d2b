/// A response, to be sent or received.
///
/// `Content-Length`, `Transfer-Encoding` and `Date` are the encoder's; setting them here has no effect, but for
/// `Date`. `Connection: close` closes the connection after the response.
public struct HTTPResponse: Sendable {
    public var status: HTTPStatus
    public var headers: HTTPHeaders
    public var body: HTTPBody

    public init(_ status: HTTPStatus, headers: HTTPHeaders = [:], body: HTTPBody = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// `text/plain; charset=utf-8`.
    public static func text(_ text: String, _ status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status, headers: .plainText, body: .string(text))
    }
}

extension HTTPHeaders {
    /// Built once: a response that starts from one of these shares its bytes.
    public static let plainText: HTTPHeaders = ["Content-Type": "text/plain; charset=utf-8"]
    public static let json: HTTPHeaders = ["Content-Type": "application/json"]
    public static let html: HTTPHeaders = ["Content-Type": "text/html; charset=utf-8"]
}
