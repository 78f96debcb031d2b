import CPosix
import Glibc
import MartletCore
import MartletRuntime
import MartletTLS
import TLSTestSupport
import TestSupport
import Testing

/// Other people's TLS, on either side.
@Suite("TLS with openssl and Python", .serialized, .timeLimit(.minutes(2)))
struct PeerTests {
    static let openssl = "/usr/bin/openssl"
    static var hasOpenSSL: Bool { access(openssl, X_OK) == 0 }

    /// Certificates as files, which is what programs take.
    struct Files {
        let world: World
        let folder: TestFolder
        let authorities: String
        let chain: String
        let key: String
        let clientChain: String
        let clientKey: String

        init() throws {
            world = try World()
            folder = try TestFolder()
            authorities = try folder.write(world.authority.pem, to: "ca.pem")
            chain = try folder.write(world.issued.chain, to: "cert.pem")
            key = try folder.write(world.issued.key, to: "key.pem")
            let client = try world.authority.issue("alice", names: [], forClients: true)
            clientChain = try folder.write(client.chain, to: "client.pem")
            clientKey = try folder.write(client.key, to: "client-key.pem")
        }
    }

    /// Answers six bytes with what it knows of the client, and ends.
    @Sendable static func answer(_ connection: Connection) async {
        guard let bytes = try? await connection.read(6) else { return }
        connection.output.append(bytes)
        connection.output.append(
            "\(connection.tls?.version, default: "")|\(connection.peerCertificate?.subject, default: "nobody")")
        try? connection.flush()
        try? await connection.finished()
    }

    @Test(
        "openssl s_client against our server", .enabled(if: hasOpenSSL),
        arguments: [
            (["-tls1_3"], "TLS 1.3|nobody"), (["-tls1_2"], "TLS 1.2|nobody"),
            (["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"], "TLS 1.2|nobody"),
            (["-cert", "CERT", "-key", "KEY"], "TLS 1.3|CN=alice,O=Martlet Tests"),
            (["-tls1_2", "-cert", "CERT", "-key", "KEY"], "TLS 1.2|CN=alice,O=Martlet Tests"),
        ])
    func client(options: [String], expected: String) async throws {
        let files = try Files()
        let server = try files.world.server { $0.clientCertificates = .optional(files.world.authorities) }
        try await withTLSServer(server, serve: Self.answer) { _, address in
            let options = options.map {
                $0.replacing("CERT", with: files.clientChain).replacing("KEY", with: files.clientKey)
            }
            let run = try ChildProcess.run(
                Self.openssl,
                [
                    "s_client", "-connect", "\(address)", "-servername", "localhost", "-verify_hostname", "localhost",
                    "-CAfile", files.authorities, "-verify_return_error", "-quiet", "-no_ign_eof", "-ign_eof",
                ] + options, input: "hello\n")
            #expect(run.output == "hello\n" + expected, "\(run.errors)")
        }
    }

    @Test(
        "what s_client may not do", .enabled(if: hasOpenSSL),
        arguments: [
            ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
            ["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"], ["-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"],
        ])
    func refusedClient(options: [String]) async throws {
        let files = try Files()
        let outcome = Outcome()
        try await withTLSServer(try files.world.server(), outcome: outcome, serve: Self.answer) {
            _, address in
            let run = try ChildProcess.run(
                Self.openssl, ["s_client", "-connect", "\(address)", "-quiet"] + options, input: "hello\n")
            #expect(run.ending == .exited(1))
            #expect(run.output.isEmpty)
        }
        guard case .insecure? = await outcome.value else { return #expect(Bool(false), "it was let in") }
    }

    @Test(
        "our client against openssl s_server", .enabled(if: hasOpenSSL),
        arguments: [["-tls1_3"], ["-tls1_2"], ["-Verify", "1", "-verify_return_error"]])
    func server(options: [String]) async throws {
        let files = try Files()
        let port = try freePort()
        let server = try ChildProcess(
            Self.openssl,
            [
                "s_server", "-accept", "127.0.0.1:\(port)", "-cert", files.chain, "-key", files.key, "-CAfile",
                files.authorities, "-rev",
            ] + options)
        var said = ""
        while !said.contains("ACCEPT") { said += String(decoding: try server.readOutput(), as: UTF8.self) }
        let client = try TLSClientContext(
            TLSClientConfiguration(
                authorities: .file(files.authorities), identity: .files(chain: files.clientChain, key: files.clientKey))
        )
        let group = EventLoopGroup(loops: 1, name: "client")
        defer { group.shutdown() }
        let answer = try await group.run { loop in
            let connection = try await Connection.connect(
                to: try SocketAddress(host: "127.0.0.1", port: port), on: loop, client, server: "127.0.0.1")
            defer { connection.close() }
            try connection.send("hello\n")
            return try await connection.read(6)
        }
        #expect(String(decoding: answer, as: UTF8.self) == "olleh\n")
        server.signal(SIGTERM)
        try server.wait()
    }

    @Test("Python's ssl against our server: a megabyte each way, a half-closed stream, the end told")
    func pythonClient() async throws {
        let files = try Files()
        try await withTLSServer(try files.world.server(), protocols: ["x-echo"], serve: echo) { _, address in
            let script = """
                import socket, ssl, sys, threading
                context = ssl.create_default_context(cafile=sys.argv[1])
                context.set_alpn_protocols(["h2", "x-echo"])
                raw = socket.create_connection(("127.0.0.1", int(sys.argv[2])), timeout=20)
                stream = context.wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=False)
                assert stream.selected_alpn_protocol() == "x-echo"
                body = bytes(range(256)) * 4096
                threading.Thread(target=stream.sendall, args=(body,)).start()
                received = b""
                while len(received) < len(body):
                    received += stream.recv(65536)
                assert received == body
                stream.unwrap()
                print(stream.version() if False else "same")
                """
            let run = try ChildProcess.run(
                "/usr/bin/python3", ["-c", script, files.authorities, "\(address.port ?? 0)"])
            #expect(run.output == "same\n", "\(run.errors)")
        }
    }

    @Test("our client against Python's ssl", arguments: ["end", "cut", "reset"])
    func pythonServer(ending: String) async throws {
        let files = try Files()
        let script = """
            import socket, ssl, struct, sys
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[1], sys.argv[2])
            listener = socket.create_server(("127.0.0.1", 0))
            print(listener.getsockname()[1], flush=True)
            raw, _ = listener.accept()
            raw.settimeout(20)
            stream = context.wrap_socket(raw, server_side=True)
            body = b"0123456789abcdef" * 65536
            stream.sendall(body)
            assert stream.recv(3) == b"end"
            if sys.argv[3] == "end":
                stream.unwrap().close()
            elif sys.argv[3] == "cut":
                socket.socket(fileno=stream.detach()).close()
            else:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                socket.socket(fileno=stream.detach()).close()
            """
        let server = try ChildProcess("/usr/bin/python3", ["-c", script, files.chain, files.key, ending])
        let line = String(decoding: try server.readOutput(), as: UTF8.self)
        let port = try #require(UInt16(line.filter(\.isNumber)))
        let client = try files.world.client()
        let group = EventLoopGroup(loops: 1, name: "client")
        defer { group.shutdown() }
        try await group.run { loop in
            let connection = try await Connection.connect(
                to: try SocketAddress(host: "127.0.0.1", port: port), on: loop, client)
            defer { connection.close() }
            let body = try await connection.read(1 << 20)
            #expect(body.count == 1 << 20)
            #expect(body.suffix(16) == Array("0123456789abcdef".utf8)[...])
            try connection.send("end")
            if ending == "end" {
                #expect(try await connection.moreInput() == false)
                connection.shutdownWrite()
            } else {
                await #expect(throws: ConnectionError.self) { try await connection.moreInput() }
            }
        }
        #expect(try server.wait() == .exited(0))
    }
}
