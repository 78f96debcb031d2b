internal import MartletCore
internal import MartletSMTP
internal import MartletWire

/// Takes mails to be sent.
struct PostOffice: Sendable {
    private let store: MailStore
    private let templates: MailTemplates
    private let sender: NamedMailAddress
    private let domain: String
    /// Where a mail waits from then on; nil where the mailbox is the end of its way.
    private let queue: DeliveryQueue?
    private let intake: MailIntake

    /// In bytes: what a mail of a body of 1 MiB can come to is more than any server takes.
    static let messageLimit = 10 << 20
    private static let keyLimit = 255

    /// - Parameters:
    ///   - sender: for mails that do not say from whom they are.
    ///   - domain: what message ids end in.
    init(
        store: MailStore, templates: MailTemplates, sender: NamedMailAddress, domain: String, queue: DeliveryQueue?,
        intake: MailIntake
    ) {
        self.store = store
        self.templates = templates
        self.sender = sender
        self.domain = domain
        self.queue = queue
        self.intake = intake
    }

    /// Writes a mail and keeps it. Answers when it is safe on disk; it is delivered after that, as often as it takes.
    ///
    /// Of several calls with one idempotency key the first counts, and the others get its answer.
    var sendMail: Endpoint<MailRequest, AcceptedMail> {
        Endpoint("sendMail") { [self] request in
            let mail = try write(request)
            let key = CallContext.current?.idempotencyKey
            guard (key?.utf8.count ?? 0) <= Self.keyLimit else {
                throw ServiceError(.invalidArgument, "an idempotency key has at most \(Self.keyLimit) bytes")
            }
            intake.add(mail.source.count)
            guard let queue else {
                return AcceptedMail(id: try await store.add(mail, state: .kept, key: key).id, to: request.to)
            }
            try queue.admit(bytes: mail.source.count)
            var isNew = false
            defer { if !isNew { queue.forget(bytes: mail.source.count) } }
            let added = try await store.add(mail, state: .queued, key: key)
            isNew = added.isNew
            queue.ring()
            return AcceptedMail(id: added.id, to: request.to)
        }
    }

    private func write(_ request: MailRequest) throws(ServiceError) -> NewMail {
        let from = request.from.isEmpty ? sender : try Self.address(request.from, "From")
        guard !request.to.isEmpty else { throw Self.error("No recipient specified") }
        let to = try Self.address(request.to, "To")
        var values = request.data
        values["message"] = request.message
        let text: MailTemplates.Text
        let message: MailMessage
        let source: [UInt8]
        do {
            text = try templates.render(request.template.isEmpty ? "message" : request.template, values)
            message = MailMessage(
                from: from, to: [to], subject: request.subject, messageID: MailMessage.makeID(domain: domain),
                plain: text.plain, html: text.html)
            source = try message.encoded()
        } catch let error as MailTemplateError {
            throw Self.error(error.description)
        } catch {
            throw Self.error("\(error)")
        }
        guard source.count <= Self.messageLimit else {
            throw Self.error("the mail is larger than \(Self.messageLimit) bytes")
        }
        return NewMail(
            messageID: message.messageID, envelope: SMTPEnvelope(sender: from.address, recipients: [to.address]),
            author: from.description, subject: request.subject, text: text.plain, source: source)
    }

    /// The wording of the original's library (contracts, course A.6).
    private static func address(_ text: String, _ field: String) throws(ServiceError) -> NamedMailAddress {
        do throws(MailAddressError) {
            return try NamedMailAddress(text)
        } catch {
            throw Self.error("mail: \(error); Header: [\(field)] Address: [\(text)]")
        }
    }

    private static func error(_ text: String) -> ServiceError { ServiceError(.invalidArgument, "Mail Error: \(text)") }
}
