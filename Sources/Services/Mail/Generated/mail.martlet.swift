// Written by protoc-gen-martlet from mail.proto. Change that, and generate anew.

internal import MartletCore
internal import MartletWire

struct SendRequest: Message, Hashable {
    static let messageName = "mail.SendRequest"

    /// Empty: the service's own address.
    var from: String = ""
    var to: String = ""
    var subject: String = ""
    var message: String = ""
    /// What a newer schema has that this one has not.
    var unknownFields = UnknownFields()

    init() {}

    init(from: String = "", to: String = "", subject: String = "", message: String = "") {
        self.from = from
        self.to = to
        self.subject = subject
        self.message = message
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "from", &from)
        visit.field(2, "to", &to)
        visit.field(3, "subject", &subject)
        visit.field(4, "message", &message)
        visit.unknownFields(&unknownFields)
    }
}

struct SendResponse: Message, Hashable {
    static let messageName = "mail.SendResponse"

    /// `sent to` and the address.
    var result: String = ""
    /// What a newer schema has that this one has not.
    var unknownFields = UnknownFields()

    init() {}

    init(result: String = "") {
        self.result = result
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "result", &result)
        visit.unknownFields(&unknownFields)
    }
}

/// Writes mail and sees it delivered.
protocol MailerMethods: Sendable {
    /// Answers when the mail is safe on disk.
    func send(_ request: SendRequest) async throws -> SendResponse
}

/// Writes mail and sees it delivered.
struct Mailer: RPCService {
    static let serviceName = "mail.Mailer"
    static var schema: SchemaFile? { .mail }

    /// Answers when the mail is safe on disk.
    var send: Endpoint<SendRequest, SendResponse>

    init(send: Endpoint<SendRequest, SendResponse>) {
        self.send = send
    }

    /// An endpoint for each method.
    init(_ methods: some MailerMethods) {
        self.send = Endpoint("send") { try await methods.send($0) }
    }

    func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {
        visit.unary("Send", send)
    }
}

/// Writes mail and sees it delivered.
struct MailerClient<Channel: RPCChannel>: Sendable {
    let channel: Channel

    init(_ channel: Channel) { self.channel = channel }

    /// Answers when the mail is safe on disk.
    func send(_ request: SendRequest) async throws -> SendResponse {
        try await channel.unary("/mail.Mailer/Send", request, as: SendResponse.self)
    }
}

extension SchemaFile {
    /// `mail.proto`
    static let mail = SchemaFile(
        name: "mail.proto",
        base64: """
            CgptYWlsLnByb3RvEgRtYWlsImUKC1NlbmRSZXF1ZXN0EhIKBGZyb20YASABKAlSBGZyb20SDgoCdG8YAiABKAlSAnRvEhgKB3N1\
            YmplY3QYAyABKAlSB3N1YmplY3QSGAoHbWVzc2FnZRgEIAEoCVIHbWVzc2FnZSImCgxTZW5kUmVzcG9uc2USFgoGcmVzdWx0GAEg\
            ASgJUgZyZXN1bHQyNwoGTWFpbGVyEi0KBFNlbmQSES5tYWlsLlNlbmRSZXF1ZXN0GhIubWFpbC5TZW5kUmVzcG9uc2ViBnByb3Rv\
            Mw==
            """)
}
