import MartletCore
import MartletRuntime
import TLSTestSupport
import Testing

@testable import MartletTLS

@Suite("TLS sessions, without a socket", .timeLimit(.minutes(1)))
struct SessionTests {
    @Test("a handshake succeeds in whatever pieces it arrives", arguments: [1, 7, 100, Int.max])
    func pieces(size: Int) throws {
        let world = try World()
        let pair = try SessionPair(try world.client(), try world.server())
        pair.talk(inPiecesOf: size)
        #expect(pair.client.isEstablished && pair.server.isEstablished)
        #expect(pair.client.agreement?.version == .tls13)
        try pair.send(Array("hello".utf8), fromClient: true)
        try pair.send(Array("answer".utf8), fromClient: false)
        pair.talk(inPiecesOf: size)
        #expect(pair.atServer == Array("hello".utf8))
        #expect(pair.atClient == Array("answer".utf8))
    }

    @Test(
        "what is sent at once goes in records of 16 KiB, and comes out the same", arguments: [TLSVersion.tls12, .tls13])
    func records(version: TLSVersion) throws {
        let world = try World()
        let pair = try SessionPair(try world.client(), try world.server { _ in })
        if version == .tls12 { pair.client.limit(to: .tls12) }
        pair.talk()
        #expect(pair.server.agreement?.version == version)
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        let wire = try SessionPair.sealed(bytes, by: pair.client)
        #expect(wire.count < bytes.count + 7 * 40, "six full records and one more")
        pair.giveServer(wire)
        #expect(pair.atServer == bytes)
    }

    @Test("both say what they speak, and the server's order counts")
    func alpn() throws {
        let world = try World()
        let (client, server) = (try world.client(), try world.server())
        let cases: [(TLSProtocols, TLSProtocols, String?)] = [
            (["http/1.1", "h2"], ["h2", "http/1.1"], "h2"), (["http/1.1"], ["h2", "http/1.1"], "http/1.1"),
            ([], ["h2"], nil), (["h2"], [], nil),
        ]
        for (offered, served, agreed) in cases {
            let pair = try SessionPair(client, server, speaking: offered, with: served)
            pair.talk()
            #expect(pair.server.agreement?.negotiatedProtocol == agreed)
            #expect(pair.client.agreement?.negotiatedProtocol == agreed)
        }
    }

    @Test("a client that speaks nothing of ours is told so")
    func noCommonProtocol() throws {
        let world = try World()
        let pair = try SessionPair(try world.client(), try world.server(), speaking: ["spdy/3"], with: ["h2"])
        pair.talk()
        #expect(pair.serverFailure == .insecure("no application protocol"))
        guard case .insecure(let reason)? = pair.clientFailure else { return #expect(Bool(false)) }
        #expect(reason.contains("no application protocol"))
    }

    @Test(
        "the name that is asked for chooses the certificate",
        arguments: [
            ("localhost", "CN=server,O=Martlet Tests"), ("shop.example.test", "CN=wildcard,O=Martlet Tests"),
            ("SHOP.example.test", "CN=wildcard,O=Martlet Tests"), ("api.example.test", "CN=api,O=Martlet Tests"),
        ])
    func serverNames(name: String, subject: String) throws {
        let world = try World()
        let others = [
            try world.identity("wildcard", names: ["DNS:*.example.test"]),
            try world.identity("api", names: ["DNS:api.example.test"]),
        ]
        let server = try world.server { $0.identities += others }
        let pair = try SessionPair(try world.client(), server, name: name)
        pair.talk()
        #expect(pair.clientFailure == nil)
        #expect(pair.client.agreement?.peerCertificate?.subject == subject)
        #expect(pair.server.agreement?.serverName == name)
    }

    @Test("a wildcard stands for one label, and never for a whole domain")
    func wildcards() {
        let table = ServerNameTable([["*.example.test", "*.com"], ["a.example.test"]])
        #expect(table.index(for: "x.example.test") == 0)
        #expect(table.index(for: "X.Example.Test.") == 0)
        #expect(table.index(for: "a.example.test") == 1)
        #expect(table.index(for: "x.y.example.test") == nil)
        #expect(table.index(for: "example.test") == nil)
        #expect(table.index(for: "x.com") == nil)
        #expect(table.index(for: ".example.test") == nil)
    }

    @Test("addresses are looked for among the certificate's addresses", arguments: ["127.0.0.1", "::1"])
    func addresses(address: String) throws {
        let world = try World()
        let pair = try SessionPair(try world.client(), try world.server(), name: address)
        pair.talk()
        #expect(pair.client.isEstablished)
        #expect(pair.server.agreement?.serverName == nil)
    }

    @Test(
        "a certificate for somebody else is refused",
        arguments: [
            ("example.test", "hostname mismatch"), ("127.0.0.2", "IP address mismatch"),
            ("a.b.shop.test", "hostname mismatch"),
        ])
    func wrongName(name: String, reason: String) throws {
        let world = try World(names: ["DNS:localhost", "DNS:*.shop.test", "IP:127.0.0.1"])
        let pair = try SessionPair(try world.client(), try world.server(), name: name)
        pair.talk()
        #expect(pair.clientFailure == .insecure("the server's certificate is refused: \(reason)"))
        #expect(pair.serverFailure != nil)
        #expect(!pair.server.isEstablished)
    }

    @Test("expired, not yet valid, of a stranger, for clients only: refused")
    func badCertificates() throws {
        let world = try World()
        let stranger = try TestAuthority("Stranger").issue()
        let cases: [(TestAuthority.Issued, String)] = [
            (try world.authority.issue(days: -3 ... -1), "certificate has expired"),
            (try world.authority.issue(days: 1...3), "certificate is not yet valid"),
            (stranger, "unable to get local issuer certificate"),
            (try world.authority.issue(forClients: true), "unsuitable certificate purpose"),
        ]
        for (issued, reason) in cases {
            let server = try world.server { $0.identities = [.pem(chain: issued.chain, key: issued.key)] }
            let pair = try SessionPair(try world.client(), server)
            pair.talk()
            #expect(pair.clientFailure == .insecure("the server's certificate is refused: \(reason)"))
        }
    }

    @Test("only who says so is not verified")
    func insecure() throws {
        let world = try World()
        let pair = try SessionPair(
            try TLSClientContext(.insecureWithoutVerification), try world.server(), name: "somebody.else")
        pair.talk()
        #expect(pair.client.isEstablished)
    }

    @Test("a client's certificate tells who it is")
    func clientCertificate() throws {
        let world = try World()
        let server = try world.server { $0.clientCertificates = .required(world.authorities) }
        let names = ["URI:spiffe://example.test/broker", "DNS:broker", "IP:10.0.0.1", "email:ops@example.test"]
        let identity = try world.identity("broker", names: names, forClients: true)
        let pair = try SessionPair(try world.client { $0.identity = identity }, server)
        pair.talk()
        let certificate = try #require(pair.server.agreement?.peerCertificate)
        #expect(certificate.subject == "CN=broker,O=Martlet Tests")
        #expect(certificate.issuer == "CN=Test Authority,O=Martlet Tests")
        #expect(certificate.uris == ["spiffe://example.test/broker"])
        #expect(certificate.dnsNames == ["broker"])
        #expect(certificate.ipAddresses == ["10.0.0.1"])
        #expect(certificate.emailAddresses == ["ops@example.test"])
        #expect(certificate.notAfter - certificate.notBefore == 31 * 86_400)
        #expect(certificate.der.first == 0x30)
    }

    @Test("a client without a certificate is let in where it may be, and not where it must show one")
    func missingClientCertificate() throws {
        let world = try World()
        for (asked, isLetIn) in [
            (TLSServerConfiguration.ClientCertificates.notAsked, true), (.optional(world.authorities), true),
            (.required(world.authorities), false),
        ] {
            let pair = try SessionPair(try world.client(), try world.server { $0.clientCertificates = asked })
            pair.talk()
            #expect(pair.server.isEstablished == isLetIn)
            #expect(pair.server.agreement?.peerCertificate == nil)
            if !isLetIn { #expect(pair.serverFailure == .insecure("peer did not return a certificate")) }
        }
    }

    @Test("a stranger's client certificate is refused, also where none is needed")
    func strangeClientCertificate() throws {
        let world = try World()
        let issued = try TestAuthority("Stranger").issue("thief", names: [], forClients: true)
        let client = try world.client { $0.identity = .pem(chain: issued.chain, key: issued.key) }
        let pair = try SessionPair(client, try world.server { $0.clientCertificates = .optional(world.authorities) })
        pair.talk()
        #expect(
            pair.serverFailure
                == .insecure("the client's certificate is refused: unable to get local issuer certificate"))
    }

    @Test("no word is said in TLS 1.1")
    func oldVersion() throws {
        let world = try World()
        let pair = try SessionPair(try world.client(), try world.server())
        // A ClientHello that knows nothing newer than TLS 1.1.
        let hello: [UInt8] =
            [0x16, 3, 1, 0, 47, 1, 0, 0, 43, 3, 2] + [UInt8](repeating: 7, count: 32)
            + [0, 0, 4, 0xC0, 0x09, 0xC0, 0x0A, 1, 0]
        pair.giveServer(hello)
        #expect(pair.serverFailure == .insecure("unsupported protocol"))
        #expect(Array(pair.toClient.suffix(2)) == [2, 70], "a fatal protocol_version alert")
    }

    @Test("a server that wants TLS 1.3 has no other")
    func minimum() throws {
        let world = try World()
        let pair = try SessionPair(try world.client(), try world.server { $0.minimumVersion = .tls13 })
        pair.client.limit(to: .tls12)
        pair.talk()
        #expect(pair.serverFailure == .insecure("unsupported protocol"))
    }

    @Test(
        "garbage ends the session, and nothing else",
        arguments: [
            Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x16, 3, 1, 0xFF, 0xFF, 0, 0, 0], [UInt8](repeating: 0, count: 64),
            [0x16, 3, 1, 0, 4, 1, 0xFF, 0xFF, 0xFF], [0x17, 3, 3, 0, 5, 1, 2, 3, 4, 5],
        ])
    func garbage(bytes: [UInt8]) throws {
        let world = try World()
        let pair = try SessionPair(try world.client(), try world.server())
        pair.giveServer(bytes)
        pair.giveServer([UInt8](repeating: 0, count: 70_000))
        guard case .insecure? = pair.serverFailure else { return #expect(Bool(false), "it is taken for TLS") }
    }

    @Test("a changed byte is found out, and what came before it is kept")
    func changedByte() throws {
        let world = try World()
        let pair = try SessionPair(try world.client(), try world.server())
        pair.talk()
        var wire = try SessionPair.sealed(Array("good".utf8), by: pair.client)
        var bad = try SessionPair.sealed(Array("evil".utf8), by: pair.client)
        bad[bad.count - 3] ^= 1
        wire += bad
        pair.giveServer(wire)
        #expect(pair.atServer == Array("good".utf8))
        guard case .insecure? = pair.serverFailure else { return #expect(Bool(false), "it went unnoticed") }
    }

    @Test("the end is told, and each direction has its own", arguments: [TLSVersion.tls12, .tls13])
    func end(version: TLSVersion) throws {
        let world = try World()
        let pair = try SessionPair(try world.client(), try world.server())
        if version == .tls12 { pair.client.limit(to: .tls12) }
        pair.talk()
        pair.giveServer(try SessionPair.sealed([1, 2, 3], by: pair.client) + SessionPair.end(of: pair.client))
        #expect(pair.atServer == [1, 2, 3])
        #expect(pair.server.hasPeerEnded)
        pair.giveClient(try SessionPair.sealed([4, 5], by: pair.server) + SessionPair.end(of: pair.server))
        #expect(pair.atClient == [4, 5])
        #expect(pair.client.hasPeerEnded)
        #expect(SessionPair.end(of: pair.server).isEmpty, "it is told once")
    }

    @Test("a client cannot renegotiate")
    func renegotiation() throws {
        let world = try World()
        let pair = try SessionPair(try world.client(), try world.server())
        pair.client.limit(to: .tls12)
        pair.talk()
        #expect(pair.client.askToRenegotiate(), "the client may want to")
        pair.giveClient([])
        #expect(pair.toServer.first == 0x16, "a handshake's record")
        pair.deliverToServer()
        #expect(pair.toClient.first == 0x15, "an alert, and no handshake")
        #expect(pair.serverFailure == nil)
        pair.talk()
        // no_renegotiation is a warning; what the client makes of it is to give up.
        #expect(pair.clientFailure == .insecure("no renegotiation"))
    }

    @Test("a client that comes back with its ticket needs no certificate", arguments: [TLSVersion.tls12, .tls13])
    func resumption(version: TLSVersion) throws {
        let world = try World()
        let (client, server) = (try world.client(), try world.server())
        let first = try SessionPair(client, server)
        if version == .tls12 { first.client.limit(to: .tls12) }
        first.talk()
        #expect(first.server.agreement?.isResumed == false)
        let second = try SessionPair(client, server)
        if version == .tls12 { second.client.limit(to: .tls12) }
        second.client.resume(first.client)
        second.talk()
        #expect(second.server.agreement?.isResumed == true)
        #expect(second.server.agreement?.version == version)
    }

    @Test("tickets outlive a change of certificates and one change of keys, and not two")
    func ticketKeys() throws {
        let world = try World()
        let now = Locked(MonotonicTime.now)
        let keys = TicketKeys(lifetime: .seconds(60)) { now.withLock { $0 } }
        let configuration = TLSServerConfiguration(identities: [world.identity])
        let context = Locked(try ServerContextSet(configuration, ticketKeys: keys))
        func session() throws -> TLSSession {
            let set = context.withLock { $0 }
            return try TLSSession(set.first, isServer: true, protocols: .unsaid, keeping: set)
        }
        let client = try world.client()
        let first = try SessionPair(client, server: try session())
        first.talk()
        for (seconds, isResumed) in [(50, true), (50, true), (100, false)] {
            now.withLock { $0 = $0 + .seconds(Int64(seconds)) }
            let renewed = try ServerContextSet(configuration, ticketKeys: keys)
            context.withLock { $0 = renewed }
            let next = try SessionPair(client, server: try session())
            next.client.resume(first.client)
            next.talk()
            #expect(next.server.agreement?.isResumed == isResumed)
            #expect(next.client.isEstablished, "what cannot be resumed is begun anew")
        }
    }

    @Test("a server that gives no tickets gives none")
    func noTickets() throws {
        let world = try World()
        let (client, server) = (try world.client(), try world.server { $0.sessionTickets = false })
        let first = try SessionPair(client, server)
        first.talk()
        let second = try SessionPair(client, server)
        second.client.resume(first.client)
        second.talk()
        #expect(second.server.agreement?.isResumed == false)
    }
}
