import MartletCore
import MartletNetRPC
import MartletRuntime
import MartletWire
import Testing

struct Payload: Message, Equatable {
    static let messageName = "RPCPayload"
    var name = ""
    var data = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
    }
}

struct Nothing: Message, Equatable {
    static let messageName = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {}
}

/// The headers as Go has them.
struct Request: Message {
    static let messageName = "Request"
    var serviceMethod = ""
    var seq = UInt64(0)

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "service_method", &serviceMethod)
        visit.field(2, "seq", &seq)
    }
}

struct Response: Message, Equatable {
    static let messageName = "Response"
    var serviceMethod = ""
    var seq = UInt64(0)
    var error = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "service_method", &serviceMethod)
        visit.field(2, "seq", &seq)
        visit.field(3, "error", &error)
    }
}

/// Lines of a log.
final class LogLines: LogHandler {
    private let lines = Locked<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test", level: .trace, handler: self) }

    func log(_ record: borrowing LogRecord) {
        let message = record.message
        lines.withLock { $0.append(message) }
    }
}

/// Opens when it is told to; tells how many wait at it.
final class Gate: Sendable {
    private let signal = ShutdownSignal()
    private let count = Locked(0)
    var waiting: Int { count.withLock { $0 } }

    func wait() async {
        count.withLock { $0 += 1 }
        await signal.wait()
        count.withLock { $0 -= 1 }
    }

    func open() { signal.trigger() }
}

/// Waits until `condition` holds, for ten seconds at most.
func eventually(_ what: Comment, _ condition: @Sendable () -> Bool) async throws {
    let limit = MonotonicTime.now + .seconds(10)
    while !condition(), .now < limit { try await EventLoop.sleep(for: .milliseconds(1)) }
    #expect(condition(), what)
}

/// The methods of the Go program that made the vectors.
func labMethods(gate: Gate = Gate(), middlewares: [any Middleware] = []) -> NetRPCMethods {
    func echo<Value: FieldValue>(_ type: Value.Type) -> Endpoint<Value, Value> { Endpoint("echo") { $0 } }
    var methods = NetRPCMethods(middlewares)
    let logInfo = Endpoint("logInfo") { (payload: Payload) in
        if payload.name == "fail" {
            throw ServiceError(.unavailable, payload.data == "no mongo" ? "boom: no mongo" : "boom: " + payload.data)
        }
        if payload.name == "wait" { await gate.wait() }
    }
    methods.method("RPCServer.LogInfo", logInfo) { payload, _ in
        payload.name == "emptyreply" ? "" : "Processed payload via RPC:" + payload.name
    }
    methods.method("Lab.Int", echo(Int.self))
    methods.method("Lab.Uint", echo(UInt.self))
    methods.method("Lab.Bool", echo(Bool.self))
    methods.method("Lab.Bytes", echo([UInt8].self))
    methods.method("Lab.Strings", echo([String].self))
    methods.method("Lab.Ints", echo([Int].self))
    methods.method("Lab.Empty", echo(Nothing.self))
    methods.method("Lab.Text", echo(String.self))
    return methods
}

/// A server with loops of its own; afterwards not one connection may be left there.
func withServer(
    _ methods: NetRPCMethods = labMethods(), logger: Logger = .disabled,
    limits: NetRPCServer.Limits = .with { _ in },
    _ body: (NetRPCServer, SocketAddress) async throws -> Void
) async throws {
    let group = EventLoopGroup(loops: 1, name: "server")
    defer { group.shutdown() }
    let server = NetRPCServer(
        address: .loopback(port: 0), methods: methods, limits: limits, logger: logger, group: group)
    try server.start()
    do {
        try await body(server, try #require(server.address))
    } catch {
        await server.drain()
        throw error
    }
    await server.drain()
    try await eventually("no connection is left") {
        server.connectionCount == 0 && group.loops.allSatisfy { $0.connections == 0 }
    }
}

/// A client with a loop of its own, on which `body` runs.
func withClient(
    _ address: SocketAddress, httpPath: String? = nil, limits: NetRPCClient.Limits = .with { _ in },
    _ body: @escaping @Sendable (NetRPCClient) async throws -> Void
) async throws {
    let group = EventLoopGroup(loops: 1, name: "client")
    defer { group.shutdown() }
    let client = NetRPCClient(
        HostPort(host: address.host, port: Int(address.port ?? 0)), httpPath: httpPath, limits: limits, group: group)
    try await group.run { _ in try await body(client) }
    client.close()
    try await eventually("no connection is left") { group.loops.allSatisfy { $0.connections == 0 } }
}

/// Bare bytes to a server, and back.
final class RawClient {
    let connection: Connection

    /// On a loop.
    init(_ address: SocketAddress) async throws {
        guard let loop = EventLoop.current else { throw ServiceError(.internal, "not on a loop") }
        connection = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(10))
        connection.deadline = .now + .seconds(20)
    }

    func send(_ bytes: [UInt8]) throws {
        connection.output.append(bytes)
        try connection.flush()
    }

    /// At least so many bytes, fewer at the end of the stream, which a reset is as well.
    func receive(_ count: Int) async -> [UInt8] {
        while connection.input.count < count {
            do { guard try await connection.moreInput() else { break } } catch { break }
        }
        let bytes = [UInt8](connection.input.readableBytes)
        connection.input.removeAll()
        return bytes
    }

    func receiveAll() async -> [UInt8] { await receive(.max) }
}

func onLoop<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await EventLoopGroup.shared.run { _ in try await body() }
}

/// A stream's values, one after the other.
struct StreamReader {
    let decoder = GobDecoder()
    let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next<Value: FieldValue>(_ type: Value.Type) throws -> Value? {
        var offset = offset
        defer { self.offset = offset }
        return try bytes.withUnsafeBytes { bytes in
            guard let message = try decoder.next(in: bytes, at: &offset) else { return nil }
            return try decoder.decode(type, from: message, in: bytes)
        }
    }
}

func gob<each Value: FieldValue>(_ values: repeat each Value) -> [UInt8] {
    let encoder = GobEncoder()
    for value in repeat each values { encoder.encode(value) }
    return [UInt8](encoder.bytes)
}

extension NetRPCServer.Limits {
    static func with(_ change: (inout Self) -> Void) -> Self {
        var limits = Self()
        limits.drain = .seconds(5)
        change(&limits)
        return limits
    }
}

extension NetRPCClient.Limits {
    /// No call of a test fails because the machine is busy.
    static func with(_ change: (inout Self) -> Void) -> Self {
        var limits = Self()
        limits.call = .seconds(20)
        change(&limits)
        return limits
    }
}
