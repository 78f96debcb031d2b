import MartletCore
import MartletHTTP
import MartletRuntime
import Testing

@Suite("The client against nginx", .serialized, .timeLimit(.minutes(1)), .enabled(if: Nginx.isInstalled))
struct ClientNginxTests {
    @Test("one connection serves request after request")
    func reuse() async throws {
        let nginx = try Nginx()
        let base = try nginx.base
        try await withClient { client async throws in
            var connections: Set<String> = []
            for expected in 1...5 {
                let parts = try await client.text("/count", from: base).split(separator: " ")
                connections.insert(String(parts[0]))
                #expect(parts[1] == "\(expected)")
            }
            #expect(connections.count == 1)
        }
    }

    @Test("a connection is used again after 204, 304, 404, a redirect, and answers to HEAD")
    func bodiless() async throws {
        let nginx = try Nginx()
        let base = try nginx.base
        try await withClient { client async throws in
            let file = try await client.send(HTTPRequest(.get, "/files/small"), to: base)
            #expect(try await file.body.collect(upTo: 1000).count == 256)
            let tag = try #require(file.headers["ETag"])
            let cached = HTTPRequest(.get, "/files/small", headers: ["If-None-Match": tag])
            #expect(try await client.send(cached, to: base).status == .notModified)
            let head = try await client.send(HTTPRequest(.head, "/files/small"), to: base)
            #expect(head.headers["Content-Length"] == "256")
            #expect(head.body.isEmpty)
            #expect(try await client.send(HTTPRequest(.get, "/nothing"), to: base).status == .noContent)
            let missing = try await client.send(HTTPRequest(.get, "/files/missing"), to: base)
            #expect(missing.status == .notFound)
            #expect(try await missing.body.collect(upTo: 1000).isEmpty == false)
            let moved = try await client.send(HTTPRequest(.get, "/moved"), to: base)
            #expect(moved.status == .found)
            #expect(try await moved.body.collect(upTo: 1000).isEmpty == false)
            #expect(try await client.text("/count", from: base).hasSuffix(" 7"))
        }
    }

    @Test("a chunked body arrives whole")
    func chunked() async throws {
        let nginx = try Nginx()
        let base = try nginx.base
        try await withClient { client async throws in
            let response = try await client.send(HTTPRequest(.get, "/files/ssi"), to: base)
            #expect(response.headers["Transfer-Encoding"] == "chunked")
            #expect(response.body.length == nil)
            let text = String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
            #expect(text == String(repeating: "chunk ", count: 40_000))
            #expect(try await client.text("/count", from: base).hasSuffix(" 2"))
        }
    }

    @Test("large bodies go both ways, streamed and in one piece", arguments: ["bytes", "counted", "chunked"])
    func large(kind: String) async throws {
        let nginx = try Nginx()
        let base = try nginx.base
        try await withClient { client async throws in
            let piece = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
            let count = 128
            let stream: @Sendable (any HTTPBodyWriter) async throws -> Void = { writer in
                for _ in 0..<count { try await writer.write(piece) }
            }
            let body: HTTPBody =
                switch kind {
                case "bytes": .bytes((0..<count).flatMap { _ in piece })
                case "counted": .stream(length: count * piece.count, stream)
                default: .stream(stream)
                }
            let put = try await client.send(HTTPRequest(.put, "/files/put", body: body), to: base)
            #expect(put.status == .created)
            let got = try await client.send(HTTPRequest(.get, "/files/put"), to: base)
            var total = 0
            var isEqual = true
            for try await chunk in got.body {
                var rest = chunk[...]
                while !rest.isEmpty {
                    let expected = piece[(total % piece.count)...].prefix(rest.count)
                    // Of arrays, and not byte by byte: that takes minutes under a sanitizer.
                    isEqual = isEqual && Array(rest.prefix(expected.count)) == Array(expected)
                    rest = rest.dropFirst(expected.count)
                    total += expected.count
                }
            }
            #expect(total == count * piece.count)
            #expect(isEqual)
            #expect(try await client.text("/count", from: base).hasSuffix(" 3"))
        }
    }

    @Test("the same over a UNIX socket")
    func unixSocket() async throws {
        let nginx = try Nginx()
        let base = try nginx.unixBase
        try await withClient { client async throws in
            #expect(try await client.text("/fields", from: base) == "localhost|martlet|")
            #expect(try await client.text("/count", from: base).hasSuffix(" 2"))
        }
    }

    @Test("Host names the server, no coding is asked for")
    func fields() async throws {
        let nginx = try Nginx()
        let base = try nginx.base
        let port = nginx.port
        try await withClient { client async throws in
            #expect(try await client.text("/fields", from: base) == "127.0.0.1:\(port)|martlet|")
            let named = try HTTPBaseURL("http://localhost:\(port)/")
            #expect(try await client.text("/fields", from: named) == "localhost:\(port)|martlet|")
        }
    }

    @Test("while the server is down calls fail, and the first one after its restart succeeds")
    func restart() async throws {
        let nginx = try Nginx()
        let base = try nginx.base
        let port = nginx.port
        try await withClient { client async throws in
            for _ in 0..<3 {
                async let first = client.text("/count", from: base)
                async let second = client.text("/count", from: base)
                _ = try await (first, second)
            }
        }
        // One client through all of it, on the shared loops: the restarts block the test's own thread.
        let client = HTTPClient(group: .shared)
        for _ in 0..<2 {
            #expect(try await client.text("/count", from: base).isEmpty == false)
            nginx.stop()
            for _ in 0..<3 {
                let text = await failure { try await client.text("/count", from: base) }
                #expect(text.hasPrefix("unavailable: cannot connect to http://127.0.0.1:\(port) (127.0.0.1:\(port): "))
            }
            try nginx.start()
        }
        #expect(try await client.text("/count", from: base).hasSuffix(" 1"))
        client.close()
    }

    @Test("a server that closes idle connections and counts requests is no cause of failures")
    func impatientServer() async throws {
        let nginx = try Nginx("keepalive_timeout 20ms; keepalive_requests 7;")
        let base = try nginx.base
        try await withClient { client async throws in
            for index in 0..<40 {
                #expect(try await client.text(.post, "/files/small", from: base).isEmpty == false)
                if index % 8 == 0 { try await EventLoop.sleep(for: .milliseconds(25)) }
            }
        }
    }
}

extension HTTPClient {
    fileprivate func text(_ path: String, from base: HTTPBaseURL) async throws -> String {
        try await text(.get, path, from: base)
    }
}
