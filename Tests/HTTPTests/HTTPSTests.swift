import Glibc
import MartletCore
import MartletHTTP
import MartletRuntime
import MartletTLS
import TLSTestSupport
import TestSupport
import Testing

@Suite("HTTPS", .serialized, .timeLimit(.minutes(2)))
struct HTTPSTests {
    /// An authority, a server's certificate by it, and files of both.
    struct Place: Sendable {
        let folder: TestFolder
        let authorities: String
        let chain: String
        let key: String
        let clientChain: String
        let clientKey: String

        init(names: [String] = ["DNS:localhost", "IP:127.0.0.1"], days: ClosedRange<Int> = -1...30) throws {
            // Two of the same name would be taken for one with a wrong signature.
            let authority = try TestAuthority("Authority \(FastRandom.next())")
            folder = try TestFolder()
            authorities = try folder.write(authority.pem, to: "ca.pem")
            let server = try authority.issue(names: names, days: days)
            chain = try folder.write(server.chain, to: "cert.pem")
            key = try folder.write(server.key, to: "key.pem")
            let client = try authority.issue("alice", names: [], forClients: true)
            clientChain = try folder.write(client.chain, to: "client.pem")
            clientKey = try folder.write(client.key, to: "client-key.pem")
        }

        var identity: TLSIdentity { .files(chain: chain, key: key) }

        func server(clients: TLSServerConfiguration.ClientCertificates = .notAsked) throws -> TLSServerContext {
            try TLSServerContext(TLSServerConfiguration(identities: [identity], clientCertificates: clients))
        }

        func client(identity: TLSIdentity? = nil) throws -> TLSClientContext {
            try TLSClientContext(TLSClientConfiguration(authorities: .file(authorities), identity: identity))
        }

        func curl(_ arguments: [String]) throws -> ChildProcess.Run {
            try ChildProcess.run(
                "/usr/bin/curl",
                ["--silent", "--show-error", "--max-time", "20", "--noproxy", "*", "--cacert", authorities] + arguments)
        }
    }

    static let hasCurl = access("/usr/bin/curl", X_OK) == 0

    static func routes(_ router: inout Router) {
        ServerTests.routes(&router)
        router.post("/count") { request in
            var count = 0
            for try await piece in request.body { count += piece.count }
            return .text("\(count)")
        }
        router.get("/large/{n}") { request in
            let count = Int(request.parameters["n"] ?? "") ?? 0
            return HTTPResponse(
                .ok,
                body: .stream { writer in
                    let piece = [UInt8](repeating: 0x61, count: 50_000)
                    for _ in 0..<(count / piece.count) { try await writer.write(piece) }
                })
        }
    }

    func withServer(
        _ tls: HTTPServer.TLS, limits: HTTPServer.Limits = HTTPServer.Limits(),
        _ body: @escaping @Sendable (HTTPServer, UInt16) async throws -> Void
    ) async throws {
        let server = try HTTPServer(port: 0, limits: limits, tls: tls) { Self.routes(&$0) }
        try server.start()
        let port = try #require(server.address?.port)
        do {
            try await onOwnThread { try await body(server, port) }
        } catch {
            server.stop()
            throw error
        }
        await server.drain()
        #expect(server.connectionCount == 0)
    }

    func withClient(
        _ tls: TLSClientContext, _ body: @escaping @Sendable (HTTPClient) async throws -> Void
    ) async throws {
        let group = EventLoopGroup(loops: 1, name: "client")
        defer { group.shutdown() }
        let client = HTTPClient(limits: .patient, tls: tls, group: group)
        try await group.run { _ in try await body(client) }
        client.close()
        try await eventually("no connection is left") { group.loops.allSatisfy { $0.connections == 0 } }
    }

    // MARK: curl

    @Test(
        "curl's requests of every shape", .enabled(if: hasCurl),
        arguments: [
            (["URL/hello", "URL/hello"], "hello world\nhello world\n"),
            (["--tlsv1.2", "--tls-max", "1.2", "URL/n/1"], "1"),
            (["--tlsv1.3", "URL/n/1"], "1"), (["--data-binary", "some data", "URL/echo"], "some data"),
            (["--data-binary", "some data", "-H", "Transfer-Encoding: chunked", "URL/echo"], "some data"),
            (["URL/stream"], "onethree"), (["--http1.0", "URL/stream"], "onethree"),
            (["--output", "/dev/null", "--write-out", "%{http_version} %{ssl_verify_result}", "URL/hello"], "2 0"),
            (["--output", "/dev/null", "--write-out", "%{size_download}", "URL/large/20000000"], "20000000"),
            (
                ["--http1.1", "--output", "/dev/null", "--write-out", "%{size_download}", "URL/large/20000000"],
                "20000000"
            ),
        ])
    func curl(arguments: [String], expected: String) async throws {
        let place = try Place()
        try await withServer(HTTPServer.TLS(try place.server())) { _, port in
            for host in ["localhost", "127.0.0.1"] {
                let run = try place.curl(arguments.map { $0.replacing("URL", with: "https://\(host):\(port)") })
                #expect(run.output == expected, "\(run.errors)")
                #expect(run.ending == .exited(0))
            }
        }
    }

    @Test("curl is refused what it must not have", .enabled(if: hasCurl))
    func refused() async throws {
        let place = try Place(names: ["DNS:localhost"])
        let expired = try Place(days: -3 ... -1)
        try await withServer(HTTPServer.TLS(try place.server())) { _, port in
            let old = try place.curl(
                ["--tlsv1.0", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0", "https://localhost:\(port)/hello"])
            #expect(old.ending == .exited(35), "TLS 1.1: \(old.errors)")
            #expect(old.errors.contains("alert protocol version"))
            let other = try place.curl(["https://127.0.0.1:\(port)/hello"])
            #expect(other.ending == .exited(60), "another name: \(other.errors)")
        }
        try await withServer(HTTPServer.TLS(try expired.server())) { _, port in
            let run = try expired.curl(["https://localhost:\(port)/hello"])
            #expect(run.ending == .exited(60))
            #expect(run.errors.contains("certificate has expired"))
        }
    }

    @Test("curl shows who it is, where that is required", .enabled(if: hasCurl))
    func clientCertificate() async throws {
        let place = try Place()
        let context = try place.server(clients: .required(.file(place.authorities)))
        try await withServer(HTTPServer.TLS(context)) { _, port in
            let url = "https://localhost:\(port)/hello"
            let known = try place.curl(["--cert", place.clientChain, "--key", place.clientKey, url])
            #expect(known.output == "hello world\n", "\(known.errors)")
            let unknown = try place.curl([url])
            #expect(unknown.ending != .exited(0) && unknown.output.isEmpty)
        }
    }

    // MARK: One port

    @Test("a request without TLS is told what to do, and nothing else")
    func cleartext() async throws {
        let place = try Place()
        try await withServer(HTTPServer.TLS(try place.server())) { server, _ in
            let client = try RawClient(server)
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try client.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(answer.contains("this port speaks https alone"))
        }
    }

    @Test("both on one port, where that is allowed")
    func both() async throws {
        let place = try Place()
        let tls = try place.client()
        try await withServer(HTTPServer.TLS(try place.server(), allowsCleartext: true)) { server, port in
            let plain = try RawClient(server)
            try plain.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try plain.readResponse().body == "hello world\n")
            try await withClient(tls) { client in
                let base = try HTTPBaseURL("https://localhost:\(port)")
                #expect(try await client.text(.get, "/hello", from: base) == "hello world\n")
            }
        }
    }

    @Test("a client that connects and says nothing, or half a handshake, is not waited for")
    func slow() async throws {
        let place = try Place()
        var limits = HTTPServer.Limits()
        limits.firstByte = .milliseconds(100)
        limits.handshake = .milliseconds(100)
        try await withServer(HTTPServer.TLS(try place.server()), limits: limits) { server, _ in
            let silent = try RawClient(server)
            let halting = try RawClient(server)
            try halting.send([0x16, 3, 1, 2, 0, 1])
            #expect(try silent.readAll().isEmpty)
            #expect(try halting.readAll().isEmpty)
        }
    }

    // MARK: Our client

    @Test("large bodies both ways, on one connection")
    func large() async throws {
        let place = try Place()
        let tls = try place.client()
        try await withServer(HTTPServer.TLS(try place.server())) { _, port in
            try await withClient(tls) { client in
                let base = try HTTPBaseURL("https://localhost:\(port)")
                let body = [UInt8](repeating: 7, count: 900_000)
                let posted = try await client.send(HTTPRequest(.post, "/count", body: .bytes(body)), to: base)
                #expect(try await posted.body.collect(upTo: 100) == Array("900000".utf8))
                let got = try await client.send(HTTPRequest(.get, "/large/10000000"), to: base)
                #expect(try await got.body.collect(upTo: 20_000_000).count == 10_000_000)
            }
        }
    }

    @Test(
        "who is not who they should be gets nothing, and the caller learns why",
        arguments: [("127.0.0.1", "IP address mismatch"), ("localhost", "unable to get local issuer certificate")])
    func distrusted(host: String, reason: String) async throws {
        let place = try Place(names: ["DNS:localhost"])
        let tls = try (host == "localhost" ? Place() : place).client()
        try await withServer(HTTPServer.TLS(try place.server())) { _, port in
            try await withClient(tls) { client in
                do {
                    _ = try await client.text(.get, "/hello", from: try HTTPBaseURL("https://\(host):\(port)"))
                    #expect(Bool(false), "it is believed")
                } catch let error as ServiceError {
                    #expect(error.code == .unavailable)
                    #expect(error.message.contains("TLS: the server's certificate is refused: \(reason)"), "\(error)")
                }
            }
        }
    }

    @Test("HTTP/2 where both say that they speak it, and an error where the server does not")
    func http2() async throws {
        let place = try Place()
        let tls = try place.client()
        var limits = HTTPServer.Limits()
        for isSpoken in [true, false] {
            limits.http2IsEnabled = isSpoken
            try await withServer(HTTPServer.TLS(try place.server()), limits: limits) { _, port in
                try await withClient(tls) { client in
                    let base = try HTTPBaseURL("https://localhost:\(port)")
                    #expect(try await client.text(.get, "/hello", from: base) == "hello world\n")
                    let http2 = base.speaking(.http2)
                    if isSpoken {
                        let body = [UInt8](repeating: 7, count: 900_000)
                        let posted = try await client.send(HTTPRequest(.post, "/count", body: .bytes(body)), to: http2)
                        #expect(try await posted.body.collect(upTo: 100) == Array("900000".utf8))
                        let got = try await client.send(HTTPRequest(.get, "/large/10000000"), to: http2)
                        #expect(try await got.body.collect(upTo: 20_000_000).count == 10_000_000)
                    } else {
                        await #expect(throws: ServiceError.self) { _ = try await client.text(.get, "/", from: http2) }
                    }
                }
            }
        }
    }

    @Test("a server without TLS is no https")
    func noTLS() async throws {
        let place = try Place()
        let tls = try place.client()
        let server = try HTTPServer(port: 0) { Self.routes(&$0) }
        try server.start()
        let port = try #require(server.address?.port)
        try await withClient(tls) { client in
            await #expect(throws: ServiceError.self) {
                _ = try await client.text(.get, "/hello", from: try HTTPBaseURL("https://localhost:\(port)"))
            }
        }
        await server.drain()
    }

    @Test("a call that is cancelled in the handshake leaves nothing behind")
    func cancelled() async throws {
        let place = try Place()
        let tls = try place.client()
        let begun = ShutdownSignal()
        let server = try RawServer { connection in
            _ = try await connection.moreInput()
            begun.trigger()
            while try await connection.moreInput() {}
        }
        let port = try #require(server.port)
        try await withClient(tls) { client in
            let base = try HTTPBaseURL("https://localhost:\(port)")
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await client.text(.get, "/", from: base) }
                await begun.wait()
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
        }
    }

    @Test("a server that is killed in the middle of a body that ends with the connection is not taken for its end")
    func killed() async throws {
        let place = try Place()
        let (tls, context) = (try place.client(), try place.server())
        let server = try RawServer { connection in
            try await connection.startTLS(context, deadline: .now + .seconds(20))
            _ = try await connection.readRequestHead()
            connection.output.append("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it")
            try connection.flush()
            try await connection.finished()
            connection.cancel()
            while try await connection.moreInput() {}
        }
        let port = try #require(server.port)
        try await withClient(tls) { client in
            let base = try HTTPBaseURL("https://localhost:\(port)")
            await #expect(throws: ServiceError.self) { _ = try await client.text(.get, "/", from: base) }
        }
    }

    @Test("the system's authorities are believed by default, and they do not know ours")
    func systemAuthorities() async throws {
        let place = try Place()
        try await withServer(HTTPServer.TLS(try place.server())) { _, port in
            try await HTTPTests.withClient { client in
                do {
                    _ = try await client.text(.get, "/hello", from: try HTTPBaseURL("https://localhost:\(port)"))
                    #expect(Bool(false), "it is believed")
                } catch let error as ServiceError {
                    #expect(error.message.contains("certificate is refused"), "\(error)")
                }
            }
        }
    }

    // MARK: nginx

    @Test("nginx as the server, with client certificates", .enabled(if: Nginx.isInstalled))
    func nginx() async throws {
        let place = try Place()
        let port = try freePort()
        let nginx = try Nginx(
            """
            listen 127.0.0.1:\(port) ssl;
            ssl_protocols TLSv1.2 TLSv1.3;
            ssl_certificate \(place.chain);
            ssl_certificate_key \(place.key);
            ssl_client_certificate \(place.authorities);
            ssl_verify_client optional;
            location = /who { return 200 "$ssl_client_s_dn|$ssl_protocol|$ssl_session_reused|$connection_requests"; }
            """)
        let base = try HTTPBaseURL("https://localhost:\(port)")
        try await withClient(try place.client(identity: .files(chain: place.clientChain, key: place.clientKey))) {
            client in
            for expected in ["CN=alice,O=Martlet Tests|TLSv1.3|.|1", "CN=alice,O=Martlet Tests|TLSv1.3|.|2"] {
                let who = try await client.text(.get, "/who", from: base)
                #expect(who == expected)
            }
            let chunked = try await client.send(HTTPRequest(.get, "/files/ssi"), to: base)
            #expect(try await chunked.body.collect(upTo: 1 << 20).count == 240_000)
            let body = [UInt8](repeating: 0x62, count: 5_000_000)
            let put = try await client.send(HTTPRequest(.put, "/files/put", body: .bytes(body)), to: base)
            #expect(put.status == .created)
            let got = try await client.send(HTTPRequest(.get, "/files/put"), to: base)
            #expect(try await got.body.collect(upTo: 6_000_000) == body)
        }
        nginx.stop()
    }

    // MARK: Reload

    @Test("certificates change under load, and not one request fails")
    func reloadUnderLoad() async throws {
        let authority = try TestAuthority()
        let folder = try TestFolder()
        let path = folder.path + "/tls.pem"
        @Sendable func write(_ subject: String) throws {
            let issued = try authority.issue(subject)
            try folder.write(issued.chain + issued.key, to: "tls.pem")
        }
        try write("first")
        let context = try TLSServerContext(
            TLSServerConfiguration(identities: [.files(chain: path, key: path)]))
        let tls = try TLSClientContext(TLSClientConfiguration(authorities: .pem(authority.pem)))
        try await withServer(HTTPServer.TLS(context)) { _, port in
            let base = try HTTPBaseURL("https://localhost:\(port)")
            let isOver = Locked(false)
            let answered = Locked(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        try await withClient(tls) { client in
                            while !isOver.withLock({ $0 }) {
                                // Half of them with a new connection each time.
                                let path = number % 2 == 0 ? "/hello" : "/closes"
                                let response = try await client.send(HTTPRequest(.get, path), to: base)
                                #expect(response.status == .ok)
                                _ = try await response.body.collect(upTo: 100)
                                answered.withLock { $0 += 1 }
                            }
                        }
                    }
                }
                for round in 0..<10 {
                    let goal = answered.withLock { $0 } + 40
                    while answered.withLock({ $0 }) < goal { try await EventLoop.sleep(for: .milliseconds(1)) }
                    try write("round \(round)")
                    #expect(try await offload { context.reload() } == .reloaded)
                }
                isOver.withLock { $0 = true }
                try await group.waitForAll()
            }
            #expect(context.loads == 11)
        }
    }
}
