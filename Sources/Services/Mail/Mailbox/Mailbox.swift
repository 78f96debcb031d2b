internal import MartletCore
internal import MartletSMTP

/// The mailbox's operations: every mail that came in, until it is too old or there is no room.
struct Mailbox: Sendable {
    let store: MailStore
    let reader: MIMEReader
    /// Nil where nothing is delivered.
    let queue: DeliveryQueue?

    var listMessages: Endpoint<MailQuery, MailPage> {
        Endpoint("listMessages") { [store] query in try await store.page(query) }
    }

    var readMessage: Endpoint<Int64, MailDetail> {
        Endpoint("readMessage") { [self] id in
            guard let summary = try await store.summary(id) else { throw Self.missing }
            let read = try await read(id)
            var detail = MailDetail()
            detail.summary = summary
            detail.fields = read.fields
            detail.hasPlain = read.plain != nil
            detail.hasHTML = read.html != nil
            detail.attachments = read.attachments
            detail.isCut = read.isCut
            return detail
        }
    }

    func source(_ id: Int64) async throws -> [UInt8] {
        guard let source = try await store.source(id) else { throw Self.missing }
        return source
    }

    func read(_ id: Int64) async throws -> ReadMail { try await reader.read(try await source(id)) }

    /// The HTML part, as it is shown.
    func page(_ id: Int64) async throws -> [UInt8] {
        guard let page = try await reader.page(try await source(id)) else {
            throw ServiceError(.notFound, "the message has no HTML part")
        }
        return page
    }

    func attachment(_ number: Int, of id: Int64) async throws -> (about: ReadMail.Attachment, bytes: [UInt8]) {
        guard let attachment = try await reader.attachment(number, of: try await source(id)) else {
            throw ServiceError(.notFound, "the message has no such attachment")
        }
        return attachment
    }

    /// Deletes a mail, whatever its state: one that waits is not delivered.
    var deleteMessage: Endpoint<Int64, Void> {
        Endpoint("deleteMessage") { [self] id in
            guard let deleted = try await store.delete(id) else { throw Self.missing }
            if deleted.state == .queued { queue?.forget(bytes: deleted.size) }
        }
    }

    /// Deletes every mail that does not wait to be delivered.
    var deleteMessages: Endpoint<Void, Int> {
        Endpoint("deleteMessages") { [store] in try await store.deleteAll() }
    }

    /// Puts a dead letter back into the queue: it is tried at least once more.
    var redriveMessage: Endpoint<Int64, Void> {
        Endpoint("redriveMessage") { [self] id in
            guard let queue else {
                throw ServiceError(.failedPrecondition, "no mail server is configured that it could be sent to")
            }
            guard let size = try await store.redrive(id) else {
                throw ServiceError(.notFound, "there is no dead letter with this id")
            }
            queue.add(bytes: size)
            queue.ring()
        }
    }

    private static let missing = ServiceError(.notFound, "there is no message with this id")
}
