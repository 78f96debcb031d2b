/// What the receiver answers to each command, and what it knows of the client: a state machine without a socket.
public struct SMTPSession: Sendable {
    /// What comes of a command.
    public enum Step: Sendable, Hashable {
        case reply(SMTPReply)
        /// The reply, and then a message is read; ``endMessage(_:)`` says what became of it.
        case receive(SMTPReply)
        /// The reply, and then the connection is closed.
        case close(SMTPReply)
    }

    /// The name the receiver answers with.
    private let name: String
    private let limits: SMTPServer.Limits
    public private(set) var hello: String?
    public private(set) var isExtended = false
    /// Nil before MAIL.
    public private(set) var envelope: SMTPEnvelope?
    private var errors = 0
    /// Since the last message.
    private var commands = 0

    public init(name: String, limits: SMTPServer.Limits) {
        self.name = name
        self.limits = limits
    }

    public var greeting: SMTPReply { SMTPReply(220, nil, "\(name) ESMTP Martlet") }

    /// - Parameter line: without its CRLF.
    public mutating func handle(line: UnsafeRawBufferPointer) -> Step {
        commands += 1
        guard commands <= limits.commandsPerMessage else { return .close(.tooManyCommands) }
        do throws(SMTPReply) {
            return try handle(SMTPCommand(line: line))
        } catch {
            return failed(error)
        }
    }

    private mutating func handle(_ command: SMTPCommand) throws(SMTPReply) -> Step {
        switch command {
        case .hello(let domain, let isExtended):
            hello = domain
            self.isExtended = isExtended
            envelope = nil
            return .reply(isExtended ? extensions : SMTPReply(250, nil, name))
        case .mail(let sender, let size):
            guard hello != nil, envelope == nil else { throw SMTPReply.badSequence }
            if let size, size > limits.messageBytes { throw SMTPReply.tooBig }
            envelope = SMTPEnvelope(sender: sender, recipients: [])
            return .reply(SMTPReply(250, "2.1.0", "sender ok"))
        case .recipient(let address):
            guard let count = envelope?.recipients.count else { throw SMTPReply.badSequence }
            guard count < limits.recipients else { throw SMTPReply(452, "4.5.3", "too many recipients") }
            envelope?.recipients.append(address)
            return .reply(SMTPReply(250, "2.1.5", "recipient ok"))
        case .data:
            guard let envelope else { throw SMTPReply.badSequence }
            guard !envelope.recipients.isEmpty else { throw SMTPReply(554, "5.5.1", "no valid recipients") }
            return .receive(SMTPReply(354, nil, "end with a dot on a line of its own"))
        case .reset:
            envelope = nil
            return .reply(SMTPReply(250, "2.0.0", "ok"))
        case .noop: return .reply(SMTPReply(250, "2.0.0", "ok"))
        // Neither yes nor no: who has a mailbox here is nobody's business.
        case .verify: return .reply(SMTPReply(252, "2.5.2", "cannot verify; send a message"))
        case .help: return .reply(SMTPReply(214, "2.0.0", "see RFC 5321"))
        case .quit: return .close(SMTPReply(221, "2.0.0", "bye"))
        case .foreign: return .close(SMTPReply(521, "5.5.1", "this is SMTP"))
        }
    }

    private var extensions: SMTPReply {
        var reply = SMTPReply(250, nil, name, "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")
        reply.lines.append("SIZE \(limits.messageBytes)")
        return reply
    }

    /// The message after DATA was read, and this is what became of it.
    public mutating func endMessage(_ reply: SMTPReply) -> Step {
        envelope = nil
        commands = 0
        return reply.isFailure ? failed(reply) : .reply(reply)
    }

    private mutating func failed(_ reply: SMTPReply) -> Step {
        errors += 1
        return errors > limits.errors ? .close(.tooManyErrors) : .reply(reply)
    }
}
