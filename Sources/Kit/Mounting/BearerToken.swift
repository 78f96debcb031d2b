public import MartletCore
public import MartletHTTP

/// A token that a request has to show: `Authorization: Bearer <token>` (RFC 6750 §2.1).
public struct BearerToken: Sendable {
    /// How long one has to be that is accepted as a setting: what is this long and random is not found by trying.
    public static let length = 16...1024

    private let token: Secret<String>
    private let owner: String

    /// - Parameter owner: whose token it is, for the refusal: `the mailbox's`.
    public init(_ token: Secret<String>, of owner: String) {
        self.token = token
        self.owner = owner
    }

    /// The answer to a request without the token: 401 with `WWW-Authenticate`; nil for one that shows it.
    public func refusal(of request: HTTPRequest) -> HTTPResponse? {
        if let given = Self.given(by: request), ConstantTime.areEqual(given, token.exposed) { return nil }
        var response = HTTPResponse.envelope(
            failure: ServiceError(.unauthenticated, "this needs \(owner) token: Authorization: Bearer …"))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    }

    private static func given(by request: HTTPRequest) -> String? {
        guard let value = request.headers["Authorization"] else { return nil }
        let scheme = "bearer "
        guard value.prefix(scheme.count).lowercased() == scheme else { return nil }
        return String(value.dropFirst(scheme.count).drop { $0 == " " })
    }
}
