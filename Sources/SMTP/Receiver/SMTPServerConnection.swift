internal import MartletCore
internal import MartletRuntime

/// One client: reads commands and messages, answers in order. One task, on the connection's loop.
final class SMTPServerConnection: @unchecked Sendable {  // Touched on its loop alone.
    private let connection: Connection
    private let server: SMTPServer
    private let limits: SMTPServer.Limits
    private var session: SMTPSession
    private var lines: SMTPLineReader
    private var task: Task<Void, Never>?
    /// Waits for a command.
    private var isIdle = false
    private var isDraining = false

    init(_ connection: Connection, session: SMTPSession, server: SMTPServer) {
        self.connection = connection
        self.server = server
        self.session = session
        limits = server.limits
        lines = SMTPLineReader(limit: server.limits.commandLine)
        connection.inputLimit = 64 << 10
    }

    /// - Parameter refusal: what is said instead of a greeting.
    func begin(refusal: SMTPReply?) {
        task = Task(executorPreference: connection.loop) { [self] in
            connection.onDisconnect = { [weak self] in self?.task?.cancel() }
            do {
                if let refusal { try await close(after: refusal) } else { try await serve() }
            } catch {
                // The client is gone, or took too long to read: there is nobody to tell.
            }
            connection.onDisconnect = nil
            connection.close()
            task = nil
            server.ended(self)
        }
    }

    /// From any thread.
    func drain() {
        connection.loop.execute { [self] in
            isDraining = true
            guard isIdle else { return }
            // The task sees the end of its wait.
            connection.output.append(SMTPReply.closing.text)
            do { try connection.flush() } catch {}
            connection.close()
        }
    }

    /// From any thread.
    func abort() {
        connection.loop.execute { [self] in
            task?.cancel()
            connection.close()
        }
    }

    // MARK: Commands

    private func serve() async throws {
        reply(session.greeting)
        while true {
            let length: Int?
            do throws(SMTPReply) {
                length = try lines.next(connection.input.readableBytes)
            } catch {
                return try await close(after: error)
            }
            guard let length else {
                if isDraining { return try await close(after: .closing) }
                guard try await waitForCommand() else { return }
                continue
            }
            let line = UnsafeRawBufferPointer(rebasing: connection.input.readableBytes[..<(length - 2)])
            let step = session.handle(line: line)
            connection.input.consume(length)
            guard try await take(step) else { return }
        }
    }

    /// False: the connection is over.
    private func waitForCommand() async throws -> Bool {
        // Replies to pipelined commands leave together.
        try connection.flush()
        isIdle = connection.input.isEmpty
        defer { isIdle = false }
        do {
            connection.deadline = .never
            return try await connection.moreInput(until: .now + limits.commandTime)
        } catch {
            guard error == .timedOut else { throw error }
            try await close(after: .timedOut)
            return false
        }
    }

    /// False: the connection is over.
    private func take(_ step: SMTPSession.Step) async throws -> Bool {
        switch step {
        case .reply(let reply):
            self.reply(reply)
            if connection.output.count > 16 << 10 { try await drainOutput() }
            return true
        case .close(let reply):
            try await close(after: reply)
            return false
        case .receive(let reply):
            self.reply(reply)
            try connection.flush()
            return try await receive()
        }
    }

    private func reply(_ reply: SMTPReply) { connection.output.append(reply.text) }

    private func drainOutput() async throws {
        connection.deadline = .now + limits.writeTime
        try connection.flush()
        try await connection.drained()
        connection.deadline = .never
    }

    // MARK: Messages

    /// False: the connection is over.
    private func receive() async throws -> Bool {
        var message = MessageInProgress(limits: limits, server: server)
        defer { message.release() }
        var decoder = SMTPDataDecoder(lineLimit: limits.dataLine)
        let end = MonotonicTime.now + limits.messageTime
        while true {
            let result: (consumed: Int, isFinished: Bool)
            do throws(SMTPReply) {
                result = try decoder.decode(connection.input.readableBytes) { message.append($0) }
            } catch {
                try await close(after: error)
                return false
            }
            connection.input.consume(result.consumed)
            if result.isFinished { break }
            if message.discarded > limits.discardedBytes {
                try await close(after: message.refusal ?? .tooBig)
                return false
            }
            do {
                connection.deadline = .never
                guard try await connection.moreInput(until: min(.now + limits.dataTime, end)) else { return false }
            } catch {
                guard error == .timedOut else { throw error }
                try await close(after: .timedOut)
                return false
            }
        }
        return try await take(session.endMessage(await outcome(of: &message)))
    }

    private func outcome(of message: inout MessageInProgress) async -> SMTPReply {
        if let refusal = message.refusal { return refusal }
        guard let envelope = session.envelope else { return .badSequence }
        let mail = ReceivedMail(
            envelope: envelope, content: message.takeContent(), hello: session.hello ?? "",
            isExtended: session.isExtended, peer: connection.peer?.description)
        do {
            let receipt = try await server.accept(mail)
            return SMTPReply(250, "2.0.0", "kept as \(receipt.id)")
        } catch {
            return SMTPReply(refusing: ServiceError(hiding: error))
        }
    }

    // MARK: The end

    /// Sees that the reply arrives: closing a socket with unread bytes resets it, and the reset can overtake the reply.
    private func close(after reply: SMTPReply) async throws {
        self.reply(reply)
        connection.deadline = .now + limits.writeTime
        try connection.flush()
        try await connection.finished()
        guard reply.isFailure else { return }
        connection.shutdownWrite()
        let deadline = MonotonicTime.now + limits.linger
        var read = 0
        while read < 1 << 20 {
            read += connection.input.count
            connection.input.removeAll()
            connection.deadline = .never
            guard try await connection.moreInput(until: deadline) else { return }
        }
    }
}

/// The bytes of a message as they come, within the limits of the message and of the receiver as a whole.
private struct MessageInProgress {
    private let limits: SMTPServer.Limits
    private let server: SMTPServer
    private var content: [UInt8] = []
    private var reserved = 0
    /// Bytes that came after it was known that the message will be refused.
    private(set) var discarded = 0
    private(set) var refusal: SMTPReply?

    /// Room is asked for in steps of this, so that the lock is hardly ever taken.
    private static let step = 64 << 10

    init(limits: SMTPServer.Limits, server: SMTPServer) {
        self.limits = limits
        self.server = server
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard refusal == nil else {
            discarded += bytes.count
            return
        }
        let length = content.count + bytes.count
        if length > limits.messageBytes { return refuse(.tooBig) }
        while reserved < length {
            guard server.reserve(Self.step) else { return refuse(.tooBusy) }
            reserved += Self.step
        }
        content.append(contentsOf: bytes)
    }

    private mutating func refuse(_ reply: SMTPReply) {
        refusal = reply
        content = []
        release()
    }

    mutating func takeContent() -> [UInt8] {
        defer { content = [] }
        return content
    }

    mutating func release() {
        server.release(reserved)
        reserved = 0
    }
}

extension SMTPReply {
    /// What a sender is told of a handler's failure: 4yz when it may come again, 5yz when that is of no use.
    init(refusing error: ServiceError) {
        // It is one line, whatever the error's text holds.
        let text = String(error.message.unicodeScalars.map { (0x20..<0x7F).contains($0.value) ? Character($0) : "?" })
        switch error.code {
        case .invalidArgument, .failedPrecondition, .outOfRange, .permissionDenied, .unauthenticated, .notFound,
            .unimplemented:
            self.init(554, "5.6.0", String(text.prefix(400)))
        default: self.init(451, "4.3.0", String(text.prefix(400)))
        }
    }
}
