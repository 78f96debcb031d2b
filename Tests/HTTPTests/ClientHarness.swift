import Glibc
import MartletCore
import MartletHTTP
import MartletRuntime
import Testing

extension HTTPClient.Limits {
    /// No call of a test fails because the machine is busy, or sanitizers slow it down.
    static var patient: Self {
        var limits = Self()
        limits.request = .seconds(50)
        return limits
    }
}

/// A client with an event loop of its own, on which `body` runs. Afterwards not one connection may be left there.
func withClient(
    limits: HTTPClient.Limits = .patient, tracer: Tracer? = nil,
    _ body: @escaping @Sendable (HTTPClient) async throws -> Void
) async throws {
    let group = EventLoopGroup(loops: 1, name: "client")
    defer { group.shutdown() }
    let client = HTTPClient(limits: limits, tracer: tracer, group: group)
    try await group.run { _ in try await body(client) }
    client.close()
    try await eventually("no connection is left") { group.loops.allSatisfy { $0.connections == 0 } }
}

/// Waits until `condition` holds, for five seconds at most.
func eventually(_ what: Comment, _ condition: @Sendable () -> Bool) async throws {
    let limit = MonotonicTime.now + .seconds(5)
    while !condition(), .now < limit { try await EventLoop.sleep(for: .milliseconds(1)) }
    #expect(condition(), what)
}

/// A server that does with each connection what the test says, right or wrong.
final class RawServer: Sendable {
    private let listener: Listener
    private let group = EventLoopGroup(loops: 1, name: "server")
    private let tasks = Locked<[Task<Void, Never>]>([])

    static let okay = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    init(_ serve: @escaping @Sendable (Connection) async throws -> Void) throws {
        listener = try Listener(.loopback(port: 0))
        listener.start(on: group) { [tasks] connection in
            let task = Task(executorPreference: connection.loop) {
                connection.deadline = .now + .seconds(20)
                try? await serve(connection)
                connection.close()
            }
            tasks.withLock { $0.append(task) }
        }
    }

    /// Always the same answer, to every request whose head has come in.
    convenience init(answering text: String, thenClosing: Bool = false) throws {
        try self.init { connection in
            repeat {
                _ = try await connection.readRequestHead()
                try connection.send(text)
            } while !thenClosing
            try await connection.finished()
        }
    }

    deinit {
        listener.stop()
        // A task that still waits for a time when its loop stops would never end, and never be freed.
        for task in tasks.withLock({ $0 }) { task.cancel() }
        group.shutdown()
    }

    var connectionCount: Int { tasks.withLock { $0.count } }
    var openConnections: Int { group.loops.reduce(0) { $0 + $1.connections } }

    func base() throws -> HTTPBaseURL { try HTTPBaseURL(listener.address) }
    var port: UInt16? { listener.address.port }
}

/// Answers when it is told to.
final class SlowServing: Sendable {
    private let isOpen = Locked(false)
    private let requests = Locked(0)
    /// How many have arrived.
    var requestCount: Int { requests.withLock { $0 } }
    func open() { isOpen.withLock { $0 = true } }
    func serve(_ connection: Connection) async throws {
        while true {
            _ = try await connection.readRequestHead()
            requests.withLock { $0 += 1 }
            while !isOpen.withLock({ $0 }) { try await EventLoop.sleep(for: .milliseconds(1)) }
            try connection.send(RawServer.okay)
        }
    }
}

extension Connection {
    func send(_ text: String) throws {
        output.append(text)
        try flush()
    }

    /// The next request's head; what follows stays in the input.
    func readRequestHead() async throws -> String {
        let end = Array("\r\n\r\n".utf8)
        while true {
            let bytes = Array(input.readableBytes)
            let starts = 0..<max(0, bytes.count - 3)
            if let found = starts.first(where: { bytes[$0..<($0 + 4)].elementsEqual(end) }) {
                input.consume(found + 4)
                return String(decoding: bytes[..<(found + 4)], as: UTF8.self)
            }
            guard try await moreInput() else { throw ConnectionError.closed }
        }
    }

    func read(_ count: Int) async throws -> String {
        while input.count < count, try await moreInput() {}
        let text = String(decoding: input.readableBytes.prefix(count), as: UTF8.self)
        input.consume(count)
        return text
    }
}

extension HTTPClient {
    /// The whole answer as text.
    func text(
        _ method: HTTPMethod = .get, _ path: String, from base: HTTPBaseURL, headers: HTTPHeaders = [:],
        body: HTTPBody = .empty, deadline: MonotonicTime? = nil
    ) async throws -> String {
        let request = HTTPRequest(method, path, headers: headers, body: body)
        let response = try await send(request, to: base, deadline: deadline)
        return String(decoding: try await response.body.collect(upTo: 64 << 20), as: UTF8.self)
    }
}

/// The code and text of the error that `body` throws.
func failure(_ body: () async throws -> some Sendable) async -> String {
    do {
        _ = try await body()
        return "no error"
    } catch let error as ServiceError {
        return error.description
    } catch {
        return "\(error)"
    }
}
