// HTTP: messages, the HTTP/1.1 parser and encoder, the server and the router. Parsers and encoders are pure (bytes in,
// values out) and know no socket; the server drives them over Runtime's connections. What a body means (JSON, a form)
// is not this room's business: Kit mounts typed endpoints on the raw ones here.

public import MartletCore

/// What answers HTTP requests: an endpoint like any other, so that every ``Middleware`` works on it.
public typealias HTTPHandler = Endpoint<HTTPRequest, HTTPResponse>

extension Exchange where Request == HTTPRequest, Response == HTTPResponse {
    /// How middleware reads an HTTP request and response: `traceparent`, `tracestate`, `grpc-timeout` (in gRPC's form,
    /// over plain HTTP too), `Idempotency-Key`; a status of 400 or more is a failure. A router that answers errors in
    /// its own way puts its own statuses in the place of these.
    public static var http: Self {
        Exchange(
            transport: "http", inbound: { InboundContext(from: $0) },
            outcome: { response in
                Outcome(failure: ServiceError.Code(status: response.status), status: response.status.code)
            }, failure: { .http($0, HTTPResponse(failure: $0).status) })
    }
}

extension Outcome {
    /// An error, and the status it is answered with.
    static func http(_ error: any Error, _ status: HTTPStatus) -> Outcome {
        Outcome(failure: ServiceError(hiding: error).code, status: status.code)
    }
}

extension Endpoint where Request == HTTPRequest, Response == HTTPResponse {
    /// An HTTP handler under the name that spans, metrics and logs show: `GET /logs`.
    public init(http name: String, _ body: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse) {
        self.init(name, exchange: .http, body)
    }
}
