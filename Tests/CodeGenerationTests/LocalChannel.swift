import MartletCore
import MartletWire
import TestSupport

/// A transport within the process: what is sent is kept until the caller has finished, then the service runs.
struct LocalChannel<Service: RPCService>: RPCChannel {
    let service: Service

    func unary<Request: Message, Response: Message>(
        _ path: String, _ request: Request, as response: Response.Type
    ) async throws -> Response {
        var finder = Finder(path: path, serviceName: Service.serviceName)
        service.visitMethods(&finder)
        guard let endpoint = finder.found as? Endpoint<Request, Response> else {
            throw ServiceError(.unimplemented, path)
        }
        return try await endpoint(request)
    }

    func streaming<Request: Message, Response: Message, Result: Sendable>(
        _ path: String, kind: RPCKind, _ request: Request.Type, _ response: Response.Type,
        _ body: (RPCCall<Request, Response>) async throws -> Result
    ) async throws -> Result {
        var finder = Finder(path: path, serviceName: Service.serviceName)
        service.visitMethods(&finder)
        guard let endpoint = finder.found as? Endpoint<RPCStream<Request, Response>, Void>, finder.kind == kind else {
            throw ServiceError(.unimplemented, path)
        }
        let pipe = Pipe(endpoint)
        return try await body(RPCCall(requests: pipe, responses: PipeEnd(pipe)))
    }
}

private struct Finder: RPCMethodVisitor {
    let path: String
    let serviceName: String
    var found: Any?
    var kind = RPCKind.unary

    mutating func unary<Request: Message, Response: Message>(
        _ name: String, _ endpoint: Endpoint<Request, Response>, routes: [RPCRoute]
    ) {
        if path == "/\(serviceName)/\(name)" { found = endpoint }
    }

    mutating func streaming<Request: Message, Response: Message>(
        _ name: String, _ endpoint: Endpoint<RPCStream<Request, Response>, Void>, kind: RPCKind
    ) {
        if path == "/\(serviceName)/\(name)" { (found, self.kind) = (endpoint, kind) }
    }
}

private final class Pipe<Request: Message, Response: Message>: RequestSink<Request>, @unchecked Sendable {
    // @unchecked: used by the test's one task.
    private let endpoint: Endpoint<RPCStream<Request, Response>, Void>
    private var requests: [Request] = []
    var responses: [Response] = []

    init(_ endpoint: Endpoint<RPCStream<Request, Response>, Void>) { self.endpoint = endpoint }

    override func send(_ message: Request) async throws { requests.append(message) }

    override func finish() async throws {
        let sink = Collector<Response>()
        try await endpoint(RPCStream(requests: Queue(requests), responses: sink))
        responses = sink.messages
    }
}

private final class PipeEnd<Request: Message, Response: Message>: MessageSource<Response>, @unchecked Sendable {
    // @unchecked: as `Pipe`.
    private let pipe: Pipe<Request, Response>

    init(_ pipe: Pipe<Request, Response>) { self.pipe = pipe }

    override func next() async throws -> Response? { pipe.responses.isEmpty ? nil : pipe.responses.removeFirst() }
}

final class Queue<Element: Sendable>: MessageSource<Element>, @unchecked Sendable {
    // @unchecked: as `Pipe`.
    private var messages: [Element]

    init(_ messages: [Element]) { self.messages = messages }

    override func next() async throws -> Element? { messages.isEmpty ? nil : messages.removeFirst() }
}

private final class Collector<Element: Sendable>: MessageSink<Element>, @unchecked Sendable {
    // @unchecked: as `Pipe`.
    var messages: [Element] = []

    override func send(_ message: Element) async throws { messages.append(message) }
}

/// A server that does not keep to the kind of the call.
struct WrongChannel: RPCChannel {
    let count: Int

    func unary<Request: Message, Response: Message>(
        _ path: String, _ request: Request, as response: Response.Type
    ) async throws -> Response { Response() }

    func streaming<Request: Message, Response: Message, Result: Sendable>(
        _ path: String, kind: RPCKind, _ request: Request.Type, _ response: Response.Type,
        _ body: (RPCCall<Request, Response>) async throws -> Result
    ) async throws -> Result {
        let responses = Queue(Array(repeating: Response(), count: count))
        return try await body(RPCCall(requests: RequestSink(), responses: responses))
    }
}
