import MartletCore
import MartletRuntime
import TLSTestSupport

@testable import MartletTLS

/// A client and a server without a socket: what one says, the other is given, in pieces of whatever size.
final class SessionPair {
    let client: TLSSession
    let server: TLSSession
    private(set) var clientFailure: ConnectionError?
    private(set) var serverFailure: ConnectionError?
    /// What each has received for its user.
    var atClient: [UInt8] = []
    var atServer: [UInt8] = []
    /// What is under way.
    private(set) var toServer: [UInt8] = []
    private(set) var toClient: [UInt8] = []

    init(
        _ client: TLSClientContext, _ server: TLSServerContext, name: String = "localhost",
        speaking: TLSProtocols = .unsaid, with served: TLSProtocols = .unsaid
    ) throws {
        self.client = try client.makeSession(with: name, protocols: speaking)
        self.server = try server.makeSession(protocols: served)
    }

    init(_ client: TLSClientContext, server: TLSSession) throws {
        self.client = try client.makeSession(with: "localhost")
        self.server = server
    }

    /// Lets both talk until neither has anything to say.
    /// - Parameter piece: how many bytes arrive at a time.
    func talk(inPiecesOf piece: Int = .max) {
        if !client.isEstablished, clientFailure == nil { giveClient([]) }
        while !toServer.isEmpty || !toClient.isEmpty {
            let (here, there) = (toServer, toClient)
            (toServer, toClient) = ([], [])
            for part in Self.pieces(of: here, piece) { giveServer(part) }
            for part in Self.pieces(of: there, piece) { giveClient(part) }
        }
    }

    func deliverToServer() {
        let bytes = toServer
        toServer = []
        giveServer(bytes)
    }

    func giveClient(_ bytes: [UInt8]) {
        Self.give(bytes, to: client, plain: &atClient, answer: &toServer, failure: &clientFailure)
    }

    func giveServer(_ bytes: [UInt8]) {
        Self.give(bytes, to: server, plain: &atServer, answer: &toClient, failure: &serverFailure)
    }

    /// What the session would send.
    static func sealed(_ bytes: [UInt8], by session: TLSSession) throws -> [UInt8] {
        var wire = ByteBuffer()
        try bytes.withUnsafeBytes { try session.seal($0, into: &wire) }
        return Array(wire.readableBytes)
    }

    static func end(of session: TLSSession) -> [UInt8] {
        var wire = ByteBuffer()
        session.sealEnd(into: &wire)
        return Array(wire.readableBytes)
    }

    func send(_ bytes: [UInt8], fromClient: Bool) throws {
        if fromClient {
            toServer += try Self.sealed(bytes, by: client)
        } else {
            toClient += try Self.sealed(bytes, by: server)
        }
    }

    private static func give(
        _ bytes: [UInt8], to session: TLSSession, plain: inout [UInt8], answer: inout [UInt8],
        failure: inout ConnectionError?
    ) {
        guard failure == nil else { return }
        var input = ByteBuffer()
        var output = ByteBuffer()
        failure = bytes.withUnsafeBytes { bytes in
            do throws(ConnectionError) {
                try session.open(bytes, into: &input, answer: &output)
                return nil
            } catch {
                return error
            }
        }
        plain += Array(input.readableBytes)
        answer += Array(output.readableBytes)
    }

    private static func pieces(of bytes: [UInt8], _ size: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: min(size, max(1, bytes.count))).map {
            Array(bytes[$0..<min($0 + min(size, bytes.count), bytes.count)])
        }
    }
}

/// An authority, and what is usual to make with it.
struct World {
    let authority: TestAuthority
    let issued: TestAuthority.Issued

    init(names: [String] = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"]) throws {
        authority = try TestAuthority()
        issued = try authority.issue(names: names)
    }

    var identity: TLSIdentity { .pem(chain: issued.chain, key: issued.key) }
    var authorities: TLSAuthorities { .pem(authority.pem) }

    func identity(_ subject: String, names: [String] = [], forClients: Bool = false) throws -> TLSIdentity {
        let issued = try authority.issue(subject, names: names, forClients: forClients)
        return .pem(chain: issued.chain, key: issued.key)
    }

    func server(_ change: (inout TLSServerConfiguration) -> Void = { _ in }) throws -> TLSServerContext {
        var configuration = TLSServerConfiguration(identities: [identity])
        change(&configuration)
        return try TLSServerContext(configuration)
    }

    func client(_ change: (inout TLSClientConfiguration) -> Void = { _ in }) throws -> TLSClientContext {
        var configuration = TLSClientConfiguration(authorities: authorities)
        change(&configuration)
        return try TLSClientContext(configuration)
    }
}
