import Glibc
import MartletCore
import TLSTestSupport
import Testing

@testable import MartletRuntime
@testable import MartletTLS

@Suite("TLS over connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    @Test("plain bytes on both sides, and what was agreed")
    func roundTrip() async throws {
        let world = try World()
        let (server, client) = (try world.server(), try world.client())
        try await withTLSServer(server, protocols: ["h2"], serve: echo) { loop, address in
            let connection = try await Connection.connect(to: address, on: loop, client, protocols: ["h2"])
            #expect(connection.negotiatedProtocol == "h2")
            #expect(connection.tls?.version == .tls13)
            #expect(connection.tls?.cipher.isEmpty == false)
            #expect(connection.peerCertificate?.dnsNames == ["localhost"])
            try connection.send("hello")
            #expect(try await connection.read(5) == Array("hello".utf8))
            connection.close()
        }
    }

    @Test("large bodies both ways at once, with backpressure in each")
    func large() async throws {
        let world = try World()
        let client = try world.client()
        let count = 8 << 20
        try await withTLSServer(try world.server(), serve: echo) { loop, address in
            let connection = try await Connection.connect(to: address, on: loop, client)
            connection.inputLimit = 64 << 10
            async let sent: Void = {
                var next: UInt8 = 0
                for _ in 0..<(count / 4096) {
                    connection.output.append((0..<4096).map { UInt8(truncatingIfNeeded: $0) ^ next })
                    next &+= 1
                    if connection.output.count > 100_000 {
                        try connection.flush()
                        try await connection.drained()
                        #expect(connection.queuedBytes <= connection.highWater)
                    }
                }
                try connection.flush()
                try await connection.finished()
                connection.shutdownWrite()
            }()
            var (place, isSame, largest) = (0, true, 0)
            while try await connection.moreInput() {
                largest = max(largest, connection.input.count)
                for byte in connection.input.readableBytes {
                    isSame = isSame && byte == UInt8(truncatingIfNeeded: place) ^ UInt8(truncatingIfNeeded: place >> 12)
                    place += 1
                }
                connection.input.removeAll()
            }
            try await sent
            #expect(place == count && isSame)
            #expect(largest < 64 << 10 + 128 << 10, "it stops to read")
            connection.close()
        }
    }

    @Test("who waits for more than the limit of what is read ahead gets it")
    func aboveLimit() async throws {
        let world = try World()
        let client = try world.client()
        let body = [UInt8](repeating: 5, count: 3 << 20)
        try await withTLSServer(try world.server()) { connection in
            connection.output.append(body)
            try? connection.flush()
            _ = try? await connection.moreInput()
        } client: { loop, address in
            let connection = try await Connection.connect(to: address, on: loop, client)
            connection.inputLimit = 1000
            #expect(try await connection.read(body.count) == body)
            connection.close()
        }
    }

    @Test("a half-closed stream still answers")
    func halfClose() async throws {
        let world = try World()
        let client = try world.client()
        try await withTLSServer(try world.server()) { connection in
            var count = 0
            while (try? await connection.moreInput()) == true {
                count += connection.input.count
                connection.input.removeAll()
            }
            try? connection.send("\(count)")
        } client: { loop, address in
            let connection = try await Connection.connect(to: address, on: loop, client)
            try connection.send("12345")
            connection.shutdownWrite()
            #expect(try await connection.read(100) == Array("5".utf8))
            #expect(connection.inputEnded)
            connection.close()
        }
    }

    @Test("a stream that is cut off is an error for who reads to the end, after what had come")
    func truncation() async throws {
        let world = try World()
        let client = try world.client()
        try await withTLSServer(try world.server()) { connection in
            try? connection.send("the first half")
            try? await connection.finished()
            // An attacker's FIN: the connection ends below TLS.
            if let descriptor = connection.descriptor { shutdown(descriptor, Int32(SHUT_WR)) }
            _ = try? await connection.moreInput()
        } client: { loop, address in
            let connection = try await Connection.connect(to: address, on: loop, client)
            #expect(try await connection.read(14) == Array("the first half".utf8))
            do throws(ConnectionError) {
                _ = try await connection.moreInput()
                #expect(Bool(false), "it passes for the end")
            } catch {
                guard case .reset(let reason) = error else { return #expect(Bool(false), "\(error)") }
                #expect(reason.contains("truncation"))
            }
        }
    }

    @Test("a close says that it was all; a reset does not", arguments: [true, false])
    func close(isReset: Bool) async throws {
        let world = try World()
        let client = try world.client()
        try await withTLSServer(try world.server()) { connection in
            try? connection.send("all")
            try? await connection.finished()
            if isReset { connection.resetOnClose() }
        } client: { loop, address in
            let connection = try await Connection.connect(to: address, on: loop, client)
            #expect(try await connection.read(3) == Array("all".utf8))
            if isReset {
                await #expect(throws: ConnectionError.self) { try await connection.moreInput() }
            } else {
                #expect(try await connection.moreInput() == false)
            }
        }
    }

    @Test("a handshake that never comes ends at its deadline, whether bytes drip or not", arguments: [true, false])
    func noHandshake(drips: Bool) async throws {
        let world = try World()
        let outcome = Outcome()
        try await withTLSServer(
            try world.server(), handshake: .milliseconds(200), outcome: outcome
        ) { _ in
        } client: { loop, address in
            let socket = try RawSocket(address)
            if drips {
                for byte: [UInt8] in [[0x16], [3], [1], [0]] { try socket.send(byte) }
            }
            #expect(try socket.receive().isEmpty)
        }
        #expect(await outcome.value == .timedOut)
    }

    @Test("what is no TLS is answered by an alert and an end")
    func garbage() async throws {
        let world = try World()
        let outcome = Outcome()
        try await withTLSServer(try world.server(), outcome: outcome) { _ in
        } client: { loop, address in
            let socket = try RawSocket(address)
            try socket.send([0x16, 3, 1, 0, 5, 9, 9, 9, 9, 9])
            #expect(try socket.receive().first == 0x15)
            #expect(try socket.receive().isEmpty)
        }
        guard case .insecure? = await outcome.value else { return #expect(Bool(false)) }
    }

    @Test("a peer that leaves in the middle of the handshake ends it")
    func leavesInHandshake() async throws {
        let world = try World()
        let outcome = Outcome()
        try await withTLSServer(try world.server(), outcome: outcome) { _ in
        } client: { loop, address in
            let socket = try RawSocket(address)
            try socket.send([0x16, 3, 1])
            socket.finishSending()
            #expect(try socket.receive().isEmpty)
        }
        guard case .reset? = await outcome.value else { return #expect(Bool(false)) }
    }

    @Test("bytes that came before TLS was started are the beginning of its handshake")
    func earlyBytes() async throws {
        let world = try World()
        let (server, client) = (try world.server(), try world.client())
        try await withServer { connection in
            // As whoever looks at the first byte does: it is left where it is.
            while connection.input.count < 5, (try? await connection.moreInput()) == true {}
            #expect(connection.input.readableBytes.first == 0x16)
            try? await connection.startTLS(server, deadline: .now + .seconds(20))
            await echo(connection)
        } client: { loop, address in
            let connection = try await Connection.connect(to: address, on: loop, client)
            try connection.send("x")
            #expect(try await connection.read(1) == [0x78])
            connection.close()
        }
    }

    @Test("the client learns why it is not wanted, though its own handshake was over")
    func refusedClient() async throws {
        let world = try World()
        let client = try world.client()
        let server = try world.server { $0.clientCertificates = .required(world.authorities) }
        try await withTLSServer(server, serve: echo) { loop, address in
            do {
                let connection = try await Connection.connect(to: address, on: loop, client)
                _ = try await connection.moreInput()
                #expect(Bool(false), "it is let in")
            } catch let error as ConnectionError {
                guard case .insecure(let reason) = error else { return #expect(Bool(false), "\(error)") }
                #expect(reason.contains("certificate required"))
            }
        }
    }

    @Test("a client that asks for ever new keys and reads nothing is ended")
    func keyUpdates() async throws {
        let world = try World()
        let client = try world.client()
        let ended = Outcome()
        try await withTLSServer(try world.server()) { connection in
            connection.narrow(SO_SNDBUF)
            do throws(ConnectionError) {
                try connection.send("x")
                while try await connection.moreInput() { connection.input.removeAll() }
            } catch {
                ended.set(error)
            }
        } client: { loop, address in
            let connection = try await Connection.connect(to: address, on: loop, client)
            connection.narrow(SO_RCVBUF)
            // One byte that nobody takes, and the socket is not read any more.
            connection.inputLimit = 0
            #expect(try await connection.moreInput())
            let session = try #require(connection.protection as? TLSSession)
            do {
                for _ in 0..<1_000_000 {
                    session.askForNewKeys()
                    try connection.send("x")
                    try await connection.drained()
                }
            } catch {
                // The server has had enough.
            }
            connection.close()
        }
        _ = await ended.value
    }

    @Test("a session goes with its connection, however that ends")
    func sessionsGo() async throws {
        let world = try World()
        let (server, client) = (try world.server(), try world.client())
        try await withTLSServer(server, serve: echo) { loop, address in
            var sessions: [WeakSession] = []
            for number in 0..<60 {
                let connection = try await Connection.connect(to: address, on: loop, client)
                try connection.send("x")
                _ = try await connection.read(1)
                sessions.append(WeakSession(session: try #require(connection.protection as? TLSSession)))
                // Ends of all kinds.
                if number % 3 == 0 { connection.resetOnClose() }
                connection.close()
            }
            // The loop lets go of a connection in a turn after it was closed.
            while sessions.contains(where: { $0.session != nil }) { await Task.yield() }
        }
    }
}

private struct WeakSession {
    weak var session: TLSSession?
}

/// What a server's task came to, for the test to wait for.
final class Outcome: Sendable {
    private let error = Locked<ConnectionError?>(nil)
    private let signal = ShutdownSignal()

    func set(_ error: ConnectionError) {
        self.error.withLock { $0 = error }
        signal.trigger()
    }

    var value: ConnectionError? {
        get async {
            await signal.wait()
            return error.withLock { $0 }
        }
    }
}
