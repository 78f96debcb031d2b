internal import MartletCore
internal import MartletRuntime
internal import MartletWire

/// A connection of a client: any number of calls on their way out, and a reader that hands each reply to its call.
final class NetRPCClientConnection: @unchecked Sendable {  // Touched on its loop alone.
    let connection: Connection
    private unowned let pool: NetRPCPool
    private let encoder = GobEncoder()
    private let decoder: GobDecoder

    /// The calls that wait for a reply, by their numbers.
    private(set) var pending: [UInt64: NetRPCCall] = [:]
    private var nextSeq = UInt64(0)
    /// The header whose reply has not come yet.
    private var header: CodedResponseHeader?
    private var reader: Task<Void, Never>?
    private var lastInput = MonotonicTime.now
    private var lastUse = MonotonicTime.now
    private var isRetired = false
    private var ending: ServiceError?

    private init(_ connection: Connection, of pool: NetRPCPool) {
        self.connection = connection
        self.pool = pool
        decoder = GobDecoder(limits: GobLimits(message: pool.limits.messageBytes))
        connection.inputLimit = max(connection.inputLimit, pool.limits.messageBytes + (64 << 10))
    }

    var takesCalls: Bool { !connection.isClosed && !connection.inputEnded && !isRetired }

    // MARK: Out

    func send(_ call: NetRPCCall) {
        guard connection.queuedBytes <= pool.limits.queuedBytes else {
            return call.finish(ServiceError(.unavailable, "\(pool.server) takes no more: its connection is full"))
        }
        call.connection = self
        call.seq = nextSeq
        nextSeq += 1
        pending[call.seq] = call
        let now = MonotonicTime.now
        lastUse = now
        call.write(to: encoder, at: now)
        connection.output.append(encoder.bytes)
        encoder.removeAll()
        connection.flushSoon()
    }

    /// Nobody waits for the reply any more; when it comes it is passed over.
    func forget(_ call: NetRPCCall) {
        pending[call.seq] = nil
        if isRetired, pending.isEmpty { close(NetRPCPool.shutDown) }
    }

    /// Not a byte since the call went out: it gets no more calls.
    func missedDeadline(of call: NetRPCCall) {
        if lastInput < lastUse { isRetired = true }
    }

    // MARK: In

    func begin() {
        // The pool and its connections outlive the client while calls are on their way.
        let pool = pool
        reader = Task(executorPreference: connection.loop) { [self] in
            let reason: ServiceError
            do {
                try await readReplies()
                reason = ServiceError(.unavailable, "unexpected EOF")
            } catch let error as GobError {
                reason = ServiceError(.unavailable, "\(pool.server): \(error.message)")
            } catch {
                reason = ServiceError(.unavailable, "\(pool.server): \(error)")
            }
            connection.close()
            let lost = pending.values.sorted { $0.seq < $1.seq }
            pending = [:]
            pool.ended(self, lost, ending ?? reason)
            reader = nil
        }
    }

    func close(_ reason: ServiceError) {
        ending = ending ?? reason
        connection.close()
    }

    private func readReplies() async throws {
        while true {
            try takeMessages()
            connection.input.trim(to: 16 << 10)
            do {
                guard try await connection.moreInput(until: lastUse + pool.limits.idle) else { return }
                lastInput = .now
            } catch {
                guard error == .timedOut else { throw error }
                if pending.isEmpty, lastUse + pool.limits.idle <= .now { return close(NetRPCPool.shutDown) }
                // Calls in progress have their own deadlines.
                if !pending.isEmpty { lastUse = .now }
            }
        }
    }

    private func takeMessages() throws(GobError) {
        var offset = 0
        defer { connection.input.consume(offset) }
        let bytes = connection.input.readableBytes
        while let message = try decoder.next(in: bytes, at: &offset) {
            guard let header else {
                header = try decoder.decode(CodedResponseHeader.self, from: message, in: bytes)
                continue
            }
            self.header = nil
            // A number that nobody waits for: a call that was given up, or a server's mistake.
            guard let call = pending.removeValue(forKey: header.seq) else { continue }
            if header.error.isEmpty {
                do {
                    try call.decode(message, bytes, decoder)
                    call.finish(nil)
                } catch {
                    // Go shuts the connection then; but the reply is counted, and the next one can be read.
                    call.finish(ServiceError(.internal, "reading body \(error.message)"))
                }
            } else {
                let code = ServiceError.Code(rawValue: header.code) ?? .unknown
                call.finish(ServiceError(code, header.error))
            }
            if isRetired, pending.isEmpty { return close(NetRPCPool.shutDown) }
        }
    }

    // MARK: Connecting

    /// To each address of the name in turn, each with its share of the time.
    static func open(for pool: NetRPCPool) async throws -> NetRPCClientConnection {
        let limit = MonotonicTime.now + pool.limits.connect
        var failure: ConnectionError = .timedOut
        do {
            let addresses = try await Resolver.addresses(
                of: pool.server.host, port: UInt16(clamping: pool.server.port), deadline: limit)
            for (index, address) in addresses.enumerated() {
                let now = MonotonicTime.now
                guard now < limit else { break }
                let share = limit.nanoseconds(since: now) / UInt64(addresses.count - index)
                do {
                    let connection = try await Connection.connect(
                        to: address, on: pool.loop, deadline: MonotonicTime(nanoseconds: now.nanoseconds &+ share))
                    if let path = pool.httpPath { try await greet(connection, path: path, until: limit) }
                    connection.deadline = .never
                    return NetRPCClientConnection(connection, of: pool)
                } catch {
                    failure = error
                }
            }
        } catch {
            failure = error
        }
        throw unreachable(pool, failure)
    }

    /// The CONNECT of Go's HTTP variant.
    private static func greet(
        _ connection: Connection, path: String, until limit: MonotonicTime
    ) async throws(ConnectionError) {
        connection.deadline = limit
        connection.output.append(NetRPC.connectRequest(path: path))
        try connection.flush()
        while true {
            let bytes = connection.input.readableBytes
            var lineEnds = 0
            for index in 0..<min(bytes.count, 4 << 10) {
                if bytes[index] == 0x0A { lineEnds += 1 } else if bytes[index] != 0x0D { lineEnds = 0 }
                guard lineEnds == 2 else { continue }
                let line = String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
                connection.input.consume(index + 1)
                guard line.hasPrefix("HTTP/"), line.hasSuffix(" " + NetRPC.connectedStatus) else {
                    connection.close()
                    throw .reset("unexpected HTTP response: \(line.prefix(100))")
                }
                return
            }
            guard bytes.count < 4 << 10, try await connection.moreInput() else {
                connection.close()
                throw .reset("no answer to CONNECT \(path)")
            }
        }
    }

    private static func unreachable(_ pool: NetRPCPool, _ error: ConnectionError) -> ServiceError {
        let reason =
            switch error {
            case .unreachable(let address, let reason): "\(address): \(reason)"
            case .timedOut: "no answer within \(pool.limits.connect)"
            case .reset, .closed, .insecure: "\(error)"
            }
        return ServiceError(.unavailable, "cannot connect to \(pool.server) (\(reason))")
    }
}
