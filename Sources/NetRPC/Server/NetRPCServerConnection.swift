internal import MartletCore
internal import MartletRuntime
internal import MartletWire

/// One client: reads calls and begins them; each answers when it is through. Its tasks are those of the loop.
@usableFromInline
final class NetRPCServerConnection: @unchecked Sendable {  // Touched on its loop alone, by its tasks and callbacks.
    let connection: Connection
    let peer: String?
    let encoder = GobEncoder()
    var task: Task<Void, Never>?

    private let loop: NetRPCServerLoop
    private let server: NetRPCServer
    private let decoder: GobDecoder
    private var limits: NetRPCServer.Limits { server.limits }

    private var lastMethod: (name: String, method: NetRPCMethod)?
    /// The header whose argument has not come yet.
    private var header: ContextRequestHeader?
    /// When what has begun to come must be complete.
    private var messageDeadline: MonotonicTime?
    /// Nothing has come yet, so that it may be the HTTP variant.
    private var isFresh = true

    /// The calls that run, each in a place of its own; nil for a place that is free, or whose call never suspended.
    private var calls: [Task<Void, Never>?] = []
    private var freePlaces: [Int] = []
    private var callCount = 0
    /// The place of the call that ended last.
    private var endedPlace = -1
    /// The reader waits for a call to end, or for bytes.
    private var placeWaiter: UnsafeContinuation<Void, Never>?
    private var isWaitingForBytes = false
    private(set) var lastActivity = MonotonicTime.now

    /// What a connection keeps of its buffer while it waits, in bytes.
    private static let idleBuffer = 4 << 10
    private static let headLimit = 4 << 10

    init(_ connection: Connection, on loop: NetRPCServerLoop, of server: NetRPCServer) {
        self.connection = connection
        self.loop = loop
        self.server = server
        peer = connection.peer?.description
        decoder = GobDecoder(limits: GobLimits(message: server.limits.messageBytes))
        connection.inputLimit = max(connection.inputLimit, server.limits.messageBytes + (64 << 10))
    }

    func serve() async {
        // Not weak, which would make every retain of this object a slow one: it is taken back before the end.
        connection.onDisconnect = { [unowned self] in cancelCalls() }
        do {
            try await serveCalls()
            // The client has said all; it still wants the answers.
            await allCallsEnded()
            connection.deadline = .now + limits.writeStall
            try connection.flush()
            try await connection.finished()
        } catch let error as GobError {
            server.logger.warning(
                "a net/rpc client was sent away: \(error.message)",
                metadata: ["peer": .string(peer ?? ""), "offset": .integer(Int64(error.offset))])
        } catch {
            // It is gone, or took too long: there is nobody to tell.
        }
        connection.onDisconnect = nil
        connection.close()
        cancelCalls()
        await allCallsEnded()
        task = nil
        loop.end(self)
        server.ended()
    }

    // MARK: Reading

    /// - Throws: ``GobError`` when the stream makes no sense; `ConnectionError`.
    private func serveCalls() async throws {
        while true {
            if callCount >= limits.callsPerConnection {
                await placeFree()
                continue
            }
            if connection.queuedBytes > connection.highWater {
                connection.deadline = .now + limits.writeStall
                try await connection.drained()
            }
            if try isFresh && !passGreeting() || !takeMessages() {
                if loop.isDraining, callCount == 0, header == nil, !hasPart { return }
                guard try await moreInput() else { return takeEnd() }
            }
        }
    }

    /// Takes what is there.
    /// - Returns: false when all is taken and more is needed; true when the calls in progress are too many.
    private func takeMessages() throws(GobError) -> Bool {
        var offset = 0
        defer { connection.input.consume(offset) }
        let bytes = connection.input.readableBytes
        while callCount < limits.callsPerConnection {
            guard let message = try decoder.next(in: bytes, at: &offset) else { return false }
            messageDeadline = nil
            if let header {
                self.header = nil
                begin(header, message, bytes)
            } else {
                do {
                    header = try decoder.decode(ContextRequestHeader.self, from: message, in: bytes)
                } catch {
                    throw GobError(.stream, "rpc: server cannot decode request: \(error.message)", offset: error.offset)
                }
            }
        }
        return true
    }

    private func begin(_ header: ContextRequestHeader, _ message: GobMessage, _ bytes: UnsafeRawBufferPointer) {
        let call = NetRPCServerCall(header, on: self)
        // Mostly the one of the call before.
        if lastMethod?.name != header.serviceMethod {
            guard let method = server.methods.methods[header.serviceMethod] else {
                return call.fail(server.methods.refusal(of: header.serviceMethod))
            }
            lastMethod = (header.serviceMethod, method)
        }
        guard let method = lastMethod?.method else { return }
        do {
            try method.begin(message, bytes, decoder, call)
        } catch {
            call.fail(ServiceError(.invalidArgument, error.message))
        }
    }

    /// The client has sent its last byte. A call that it cut off is told so, as Go does.
    private func takeEnd() {
        guard let header else { return }
        NetRPCServerCall(header, on: self).fail(ServiceError(.invalidArgument, "unexpected EOF"))
    }

    private var hasPart: Bool { !connection.input.isEmpty }

    /// - Returns: false at the end of the stream.
    private func moreInput() async throws(ConnectionError) -> Bool {
        connection.input.trim(to: Self.idleBuffer)
        while true {
            let isWithin = hasPart || header != nil
            if !isWithin { messageDeadline = nil }
            let now = MonotonicTime.now
            let limit = isWithin ? messageDeadline ?? now + limits.messageTime : now + limits.idle
            if isWithin { messageDeadline = limit }
            lastActivity = now
            connection.deadline = .never
            isWaitingForBytes = true
            defer { isWaitingForBytes = false }
            do {
                return try await connection.moreInput(until: limit)
            } catch {
                guard error == .timedOut, !isWithin, callCount > 0 else { throw error }
            }
        }
    }

    /// Nothing of a call has come, none is in progress, and no answer is still to be taken.
    var isIdle: Bool {
        isWaitingForBytes && callCount == 0 && header == nil && !hasPart && connection.queuedBytes == 0
            && connection.output.isEmpty
    }

    // MARK: The HTTP variant

    /// Answers the CONNECT of Go's `rpc.DialHTTP`, if that is how the connection begins. As gob it would be a type with
    /// a number that no type may have.
    /// - Returns: false when too little has come to tell.
    private func passGreeting() throws(GobError) -> Bool {
        let bytes = connection.input.readableBytes
        let method: StaticString = "CONNECT "
        let known = min(bytes.count, method.utf8CodeUnitCount)
        guard known > 0 else { return false }
        guard (0..<known).allSatisfy({ bytes[$0] == method.utf8Start[$0] }) else {
            isFresh = false
            return true
        }
        var lineEnds = 0
        for index in 0..<min(bytes.count, Self.headLimit) {
            if bytes[index] == 0x0A { lineEnds += 1 } else if bytes[index] != 0x0D { lineEnds = 0 }
            guard lineEnds == 2 else { continue }
            let line = String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
            connection.input.consume(index + 1)
            isFresh = false
            guard line.hasPrefix("CONNECT \(NetRPC.httpPath) ") else {
                connection.output.append("HTTP/1.0 404 Not Found\r\nConnection: close\r\n\r\n")
                // Now, because the connection ends with this turn; a client that is gone does not miss it.
                do { try connection.flush() } catch {}
                throw GobError(.stream, "a CONNECT to another path than \(NetRPC.httpPath)")
            }
            connection.output.append("HTTP/1.0 \(NetRPC.connectedStatus)\n\n")
            connection.flushSoon()
            return true
        }
        guard bytes.count < Self.headLimit else { throw GobError(.stream, "the head of a CONNECT has no end") }
        return false
    }

    // MARK: Calls

    func run(_ call: NetRPCServerCall, _ body: @escaping @Sendable (NetRPCServerCall) async throws -> Void) {
        callCount += 1
        let place: Int
        if let free = freePlaces.popLast() {
            place = free
        } else {
            place = calls.count
            calls.append(nil)
        }
        endedPlace = -1
        // At once, up to where it first waits for something: most calls do not, and have ended when this returns.
        let task = Task.immediate(executorPreference: loop.loop) { [self] in
            do {
                try await body(call)
            } catch {
                call.fail(ServiceError(hiding: error))
            }
            ended(place)
        }
        if endedPlace != place { calls[place] = task }
    }

    private func ended(_ place: Int) {
        calls[place] = nil
        endedPlace = place
        freePlaces.append(place)
        callCount -= 1
        if let waiter = placeWaiter {
            placeWaiter = nil
            waiter.resume()
        }
        if callCount == 0, loop.isDraining, isWaitingForBytes { drain() }
    }

    private func placeFree() async {
        await withUnsafeContinuation { continuation in
            guard callCount >= limits.callsPerConnection else { return continuation.resume() }
            placeWaiter = continuation
        }
    }

    private func allCallsEnded() async {
        while callCount > 0 {
            await withUnsafeContinuation { continuation in
                guard callCount > 0 else { return continuation.resume() }
                placeWaiter = continuation
            }
        }
    }

    private func cancelCalls() {
        for call in calls { call?.cancel() }
    }

    /// What was encoded leaves at the end of the loop's turn, with the other answers.
    func sendEncoded() {
        connection.output.append(encoder.bytes)
        encoder.removeAll()
        connection.flushSoon()
    }

    // MARK: The end

    /// Closes as soon as the calls that have begun are answered.
    func drain() {
        guard isWaitingForBytes, callCount == 0, header == nil, !hasPart else { return }
        if connection.queuedBytes == 0, connection.output.isEmpty { return connection.close() }
        connection.deadline = .now + limits.writeStall
        Task(executorPreference: loop.loop) { [connection] in
            do {
                try connection.flush()
                try await connection.finished()
            } catch {
                // It does not want them.
            }
            connection.close()
        }
    }

    func abort() {
        cancelCalls()
        connection.close()
    }
}
