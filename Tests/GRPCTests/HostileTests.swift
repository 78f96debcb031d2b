import InteropMessages
import MartletCore
import MartletHTTP
import MartletRuntime
import MartletWire
import Testing

@testable import MartletGRPC

/// What no client of gRPC sends, byte by byte over our HTTP/2.
@Suite("Hostile clients", .timeLimit(.minutes(1)))
struct HostileTests {
    private static let unary = "/grpc.testing.TestService/UnaryCall"
    private static let upload = "/grpc.testing.TestService/StreamingInputCall"
    private static let headers: HTTPHeaders = ["content-type": "application/grpc", "te": "trailers"]

    private struct Answer: Sendable {
        var http: Int
        var grpc: Int?
        var message: String?
    }

    /// Sends the bytes to a server of its own, and reads the answer to its end.
    private func call(
        _ path: String = unary, _ headers: HTTPHeaders = headers, _ body: [UInt8], ends: Bool = true
    ) async throws -> Answer {
        let server = try GRPCServer(port: 0) {
            InteropService(prepare: { _ in }, sleep: { try await EventLoop.sleep(for: $0) })
        }
        try server.start()
        defer { server.stop() }
        let address = try #require(server.address)
        return try await EventLoopGroup.shared.run { loop in
            let deadline = MonotonicTime.now + .seconds(10)
            let client = try await HTTP2ClientConnection.connect(to: address, on: loop, deadline: deadline)
            defer { client.close() }
            let stream = try #require(client.begin(.post, path, headers: headers, authority: "localhost"))
            stream.send(body)
            if ends { stream.finish() }
            while !stream.inputHasEnded, !stream.isOver {
                guard await stream.moreInput(until: deadline) else {
                    throw ServiceError(.deadlineExceeded, "no answer")
                }
                _ = stream.takeInput()
            }
            let trailers = stream.trailers.isEmpty ? stream.headers : stream.trailers
            return Answer(
                http: stream.status?.code ?? 0, grpc: trailers["grpc-status"].flatMap { Int($0) },
                message: trailers["grpc-message"])
        }
    }

    private let empty: [UInt8] = [0, 0, 0, 0, 0]

    @Test("an empty request is answered")
    func wellFormed() async throws {
        let answer = try await call(Self.unary, Self.headers, empty)
        #expect(answer.http == 200)
        #expect(answer.grpc == 0)
    }

    @Test("half a message, none at all, two, a bad flag, a length past the limit: each is refused with its status")
    func framing() async throws {
        let cases: [([UInt8], ServiceError.Code)] = [
            ([0, 0, 0, 0, 9, 1], .internal), ([0, 0], .internal), ([], .unimplemented), (empty + empty, .unimplemented),
            ([3, 0, 0, 0, 0], .internal), ([0, 255, 255, 255, 255], .resourceExhausted),
            ([0, 0, 0, 0, 2, 0xFF, 0xFF], .internal),
        ]
        for (body, code) in cases { #expect(try await call(Self.unary, Self.headers, body).grpc == code.grpcCode) }
    }

    @Test("the same holds for the messages of a stream")
    func streamFraming() async throws {
        let cases: [([UInt8], ServiceError.Code)] = [
            (empty + [0, 0, 0, 0, 9, 1], .internal), (empty + [3, 0, 0, 0, 0], .internal),
            (empty + [0, 255, 255, 255, 255], .resourceExhausted),
        ]
        for (body, code) in cases { #expect(try await call(Self.upload, Self.headers, body).grpc == code.grpcCode) }
    }

    @Test("a length past the limit is refused although the client has not ended its side")
    func refusedEarly() async throws {
        let answer = try await call(Self.unary, Self.headers, [0, 255, 255, 255, 255], ends: false)
        #expect(answer.grpc == ServiceError.Code.resourceExhausted.grpcCode)
    }

    @Test("a compressed message without an encoding, in an unknown one, or not in the one named is refused")
    func compression() async throws {
        let message: [UInt8] = [1, 0, 0, 0, 2, 1, 2]
        var headers = Self.headers
        #expect(try await call(Self.unary, headers, message).grpc == ServiceError.Code.internal.grpcCode)
        headers["grpc-encoding"] = "gzip"
        #expect(try await call(Self.unary, headers, message).grpc == ServiceError.Code.internal.grpcCode)
        headers["grpc-encoding"] = "snappy"
        #expect(try await call(Self.unary, headers, message).grpc == ServiceError.Code.unimplemented.grpcCode)
    }

    @Test("a timeout of nothing is over before it begins, and one that is none is refused")
    func timeouts() async throws {
        var headers = Self.headers
        headers["grpc-timeout"] = "0n"
        #expect(try await call(Self.unary, headers, empty).grpc == ServiceError.Code.deadlineExceeded.grpcCode)
        headers["grpc-timeout"] = "soon"
        #expect(try await call(Self.unary, headers, empty).grpc == ServiceError.Code.internal.grpcCode)
        headers["grpc-timeout"] = "20m"
        let late = try await call(Self.upload, headers, empty, ends: false)
        #expect(late.grpc == ServiceError.Code.deadlineExceeded.grpcCode)
    }

    @Test("another content type is 415, and metadata past the limit 431")
    func http() async throws {
        for type in ["application/json", "application/grpc-web", "application/grpc+json"] {
            #expect(try await call(Self.unary, ["content-type": type], empty).http == 415)
        }
        var headers = Self.headers
        headers["x-large"] = String(repeating: "x", count: 60_000)
        #expect(try await call(Self.unary, headers, empty).http == 431)
    }
}
