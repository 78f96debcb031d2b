internal import MartletCore
internal import MartletHTTP

/// Passes a few requests of the page on to the logger and the mail service, so that their data comes from the page's own
/// origin: those services answer no page of another origin, and need not.
///
/// Nothing of a request goes along but what its route says, and nothing of an answer comes back but its status, its body
/// and a few fields; how a browser may use it is decided here. Every answer has a limit and a deadline.
struct Relay: Service {
    let name = "relay"
    private let client: HTTPClient
    /// Streams keep their connections; they must not take them from the others.
    private let streams: HTTPClient
    /// Ends the streams that are open.
    private let end = ShutdownSignal()

    /// One answer, in bytes: the largest mail, and room to spare.
    static let sizeLimit = 64 << 20
    /// For all of an answer but a stream.
    static let timeLimit: Duration = .seconds(60)

    /// - Parameters:
    ///   - client: for answers that end.
    ///   - streams: for those that do not.
    init(client: HTTPClient, streams: HTTPClient) {
        self.client = client
        self.streams = streams
    }

    /// Listed after the server in a group: a server waits for the answers that it has begun, and streams would not end.
    func run() async throws {
        await ShutdownSignal.wait()
        end.trigger()
    }

    /// Passes a request on, and gives its answer as `content`.
    /// - Parameter target: path and query at `base`.
    func pass(
        _ method: HTTPMethod, _ target: String, to base: HTTPBaseURL, as content: RelayedContent
    ) async throws -> HTTPResponse {
        let answer = try await client.send(HTTPRequest(method, target), to: base, deadline: .now + Self.timeLimit)
        var response = HTTPResponse(answer.status, headers: content.headers(for: answer), body: .empty)
        if !answer.status.forbidsBody { response.body = try Self.limited(answer.body, from: base) }
        return response
    }

    /// Passes a stream of events on, until one of both ends it or the service does.
    func follow(_ target: String, after lastID: String?, at base: HTTPBaseURL) async throws -> HTTPResponse {
        var headers: HTTPHeaders = ["Accept": "text/event-stream"]
        if let lastID { headers["Last-Event-ID"] = lastID }
        let request = HTTPRequest(.get, target, headers: headers)
        let answer = try await streams.send(request, to: base, deadline: .never)
        guard answer.status == .ok else {
            return HTTPResponse(
                answer.status, headers: RelayedContent.json.headers(for: answer),
                body: try Self.limited(answer.body, from: base))
        }
        return HTTPResponse(
            .ok, headers: RelayedContent.events.headers(for: answer),
            body: .stream { [end] writer in
                writer.cancelWhenReaderLeaves()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { for try await chunk in answer.body { try await writer.write(chunk) } }
                    group.addTask { await end.wait() }
                    defer { group.cancelAll() }
                    do {
                        try await group.next()
                    } catch let error as ServiceError where error.code == .unavailable {
                        // The other end broke off. That ends this stream well: it never has a last event anyway.
                    }
                }
            })
    }

    /// The body as it arrives, to ``sizeLimit``.
    private static func limited(_ body: HTTPBody, from base: HTTPBaseURL) throws -> HTTPBody {
        let refusal = ServiceError(.unavailable, "\(base): the answer is longer than \(sizeLimit) bytes")
        if let length = body.length, length > sizeLimit { throw refusal }
        return .stream(length: body.length) { writer in
            var size = 0
            for try await chunk in body {
                size += chunk.count
                guard size <= sizeLimit else { throw refusal }
                try await writer.write(chunk)
            }
        }
    }
}
