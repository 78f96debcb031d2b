internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletSystem
internal import MartletWire

/// The mailbox of the mail service, over HTTP.
struct MailboxClient: Sendable {
    private static let service = "mail"
    /// What the mail service asks for where it was given one (docs/configuration.md).
    private static let token = ConfigurationKey<Secret<String>?>.optional("MAILBOX_TOKEN", .secret, "")

    private let client: ServiceClient
    private let headers: HTTPHeaders

    init(for invocation: Invocation) async throws {
        // The file of a secret is read as the service reads it, and its own variable goes before the common one.
        var input = Configuration.Input.process(arguments: [])
        input.environment = invocation.environment
        let scope = SystemService.named(Self.service)?.scope
        let token = try Configuration.load([Self.token], from: input, scope: scope)[Self.token]
        headers = token.map { ["Authorization": "Bearer \($0.exposed)"] } ?? [:]
        client = try await ServiceClient(Self.service, for: invocation)
    }

    /// The body of the answer.
    func send(_ method: HTTPMethod, _ path: String) async throws -> [UInt8] {
        try await client.body(HTTPRequest(method, path, headers: headers))
    }
}

/// `GET /messages`, as far as it is shown.
struct MailListing: Message {
    static let messageName = "MailListing"
    var messages: [ListedMail] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "messages", &messages)
    }
}

/// One message of the list, or `GET /messages/{id}`, as far as it is shown.
struct ListedMail: Message {
    static let messageName = "ListedMail"
    var id: Int64 = 0
    /// From whom it says that it is.
    var from = ""
    /// From whom it came by its envelope.
    var sender = ""
    var to: [String] = []
    var subject = ""
    var createdAt = Timestamp()
    /// `kept`, `queued`, `sent`, `dead`.
    var state = ""
    var lastError = ""
    var hasPlain = false
    var hasHTML = false
    var attachments: [ListedAttachment] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "id", &id)
        visit.field(3, "from", &from)
        visit.field(4, "sender", &sender)
        visit.field(5, "to", &to)
        visit.field(6, "subject", &subject)
        visit.field(8, "created_at", &createdAt)
        visit.field(9, "state", &state)
        visit.field(12, "last_error", &lastError)
        visit.field(21, "plain", &hasPlain)
        visit.field(22, "html", &hasHTML)
        visit.field(23, "attachments", &attachments)
    }
}

struct ListedAttachment: Message {
    static let messageName = "ListedAttachment"
    var name = ""
    /// In bytes.
    var size = 0

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(2, "name", &name)
        visit.field(4, "size", &size)
    }
}
