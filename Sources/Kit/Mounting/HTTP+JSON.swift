public import MartletCore
public import MartletHTTP
public import MartletWire

extension HTTPResponse {
    /// A JSON answer, `Content-Type: application/json`, compact.
    @inlinable
    public static func json<Value: Message>(
        _ status: HTTPStatus = .ok, _ value: Value, options: JSONWritingOptions = []
    ) -> HTTPResponse {
        HTTPResponse(status, headers: .json, body: .bytes(JSON.encode(value, options: options)))
    }

    /// An error as the course's services say it: the envelope with `error` true and the text as its message.
    ///
    /// The status is the error's, as everywhere, but a body that is too large is 400 (contracts, course A.2); what was
    /// not made for the caller is 500 and keeps its text to itself.
    public static func envelope(failure error: any Error) -> HTTPResponse {
        var response = HTTPResponse(failure: error)
        if error is HTTPBodyTooLarge { response.status = .badRequest }
        response.headers["Content-Type"] = "application/json"
        response.body = .bytes(JSON.encode(PlainEnvelope(error: true, message: ServiceError(hiding: error).message)))
        return response
    }
}

extension HTTPRequest {
    /// The body as one JSON value, by the reading rules of contracts, course A.2.
    /// - Throws: `invalidArgument` with Go's text for it.
    @inlinable
    public func json<Value: Message>(_ type: Value.Type = Value.self) async throws -> Value {
        let bytes = try await body.collect(upTo: .max)
        do throws(JSONError) {
            return try JSON.decode(Value.self, from: bytes)
        } catch {
            throw ServiceError(.invalidArgument, error.message)
        }
    }
}

extension Endpoint where Request: Message {
    /// The endpoint as an HTTP handler that reads its request from a JSON body. Specialises where it is called, which
    /// is where the message is known.
    @inlinable
    public func json(reply: @escaping @Sendable (Response) -> HTTPResponse) -> HTTPHandler {
        Endpoint<HTTPRequest, HTTPResponse>(http: name) { request in
            reply(try await self(try await request.json(Request.self)))
        }
    }
}
