internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

extension Mailbox {
    /// `/messages` and what is below it: for pages of this origin, and what is no browser.
    func mount(on router: inout Router, gate: MailboxGate) {
        let (list, detail) = (listMessages, readMessage)
        router.get("/messages", gate.guarding(changes: false) { .json(.ok, try await list(try MailQuery($0.query))) })
        router.get("/messages/{id}", gate.guarding(changes: false) { .json(.ok, try await detail(try $0.messageID)) })
        mountContent(on: &router, gate: gate)

        let (delete, deleteAll, redrive) = (deleteMessage, deleteMessages, redriveMessage)
        router.on(
            .delete, "/messages/{id}",
            gate.guarding(changes: true) {
                try await delete(try $0.messageID)
                return .json(.ok, PlainEnvelope(message: "deleted"))
            })
        router.on(
            .delete, "/messages",
            gate.guarding(changes: true) { _ in
                .json(.ok, PlainEnvelope(message: "deleted \(try await deleteAll(()))"))
            })
        router.post(
            "/messages/{id}/redrive",
            gate.guarding(changes: true) {
                try await redrive(try $0.messageID)
                return .json(.accepted, PlainEnvelope(message: "queued again"))
            })
    }

    private func mountContent(on router: inout Router, gate: MailboxGate) {
        router.get(
            "/messages/{id}/html",
            gate.guarding(changes: false) { request in
                .foreign("text/html; charset=utf-8", try await page(try request.messageID))
            })
        router.get(
            "/messages/{id}/plain",
            gate.guarding(changes: false) { request in
                guard let plain = try await read(try request.messageID).plain else {
                    throw ServiceError(.notFound, "the message has no plain part")
                }
                return .foreign("text/plain; charset=utf-8", Array(plain.utf8))
            })
        router.get(
            "/messages/{id}/source",
            gate.guarding(changes: false) { request in
                .foreign("text/plain; charset=utf-8", try await source(try request.messageID))
            })
        router.get(
            "/messages/{id}/attachments/{number}",
            gate.guarding(changes: false) { request in
                guard let number = request.parameters["number"].flatMap(Int.init) else {
                    throw ServiceError(.notFound, "the message has no such attachment")
                }
                let attachment = try await attachment(number, of: try request.messageID)
                // Whatever it says that it is, it is for saving: nothing of it is shown on this origin.
                var response = HTTPResponse.foreign("application/octet-stream", attachment.bytes)
                response.headers["Content-Disposition"] =
                    "attachment; filename*=UTF-8''\(Self.percentEncoded(attachment.about.name))"
                return response
            })
    }

    /// `ext-value` of RFC 8187: nothing but what needs no escape in a header stays as it is.
    private static func percentEncoded(_ name: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in (name.isEmpty ? "attachment" : name).utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}

extension HTTPResponse {
    /// What somebody else wrote: no script of it runs, nothing is fetched for it, and it is what it is said to be. A page
    /// may show it in a frame, where it has an origin of its own.
    fileprivate static func foreign(_ type: String, _ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            .ok,
            headers: [
                "Content-Type": type,
                "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
                "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
                "Cross-Origin-Resource-Policy": "same-origin",
            ], body: .bytes(bytes))
    }
}

extension HTTPRequest {
    fileprivate var messageID: Int64 {
        get throws(ServiceError) {
            guard let id = parameters["id"].flatMap(Int64.init), id > 0 else {
                throw ServiceError(.notFound, "there is no message with this id")
            }
            return id
        }
    }
}

extension MailQuery {
    /// Reads `from`, `to`, `text`, `state`, `limit` and `cursor`.
    /// - Throws: `invalidArgument` that names the parameter and what is allowed.
    init(_ query: QueryParameters) throws(ServiceError) {
        self.init()
        from = try Self.text(query, "from")
        to = try Self.text(query, "to")
        text = try Self.text(query, "text")
        if let word = query["state"] {
            guard let known = MailState(rawValue: word) else {
                let words = MailState.allCases.map(\.rawValue).joined(separator: ", ")
                throw ServiceError(.invalidArgument, "state must be one of \(words)")
            }
            state = known
        }
        if let text = query["limit"] {
            guard let number = Int(text), (1...500).contains(number) else {
                throw ServiceError(.invalidArgument, "limit must be an integer from 1 to 500")
            }
            limit = number
        }
        if let text = query["cursor"] {
            guard let id = Int64(text), id > 0 else {
                throw ServiceError(.invalidArgument, "cursor must be the \"next\" of an earlier page")
            }
            before = id
        }
    }

    private static func text(_ query: QueryParameters, _ name: String) throws(ServiceError) -> String? {
        guard let text = query[name] else { return nil }
        guard text.utf8.count <= 1000, !text.utf8.contains(0) else {
            throw ServiceError(.invalidArgument, "\(name) must have at most 1000 bytes, and no NUL character")
        }
        return text
    }
}
