internal import MartletCore
internal import MartletHTTP

extension Relay {
    /// `/logs` and `/logs/stream` as the logger has them.
    func mountLogs(at logger: HTTPBaseURL, on router: inout Router) {
        router.get("/logs") { try await pass(.get, "/logs" + Self.query(of: $0), to: logger, as: .json) }
        router.get("/logs/stream") { request in
            try await follow(
                "/logs/stream" + Self.query(of: request), after: request.headers["Last-Event-ID"], at: logger)
        }
    }

    /// The mail service's `/messages` as `/mailbox`: to list, to read and to delete one.
    func mountMailbox(at mail: HTTPBaseURL, on router: inout Router) {
        // An open page looks again every few seconds.
        let list = Endpoint(http: "GET /mailbox") { request in
            try await pass(.get, "/messages" + Self.query(of: request), to: mail, as: .json)
        }
        router.on(.get, "/mailbox", list.asProbe())
        router.get("/mailbox/{id}") {
            try await pass(.get, "/messages/\(Self.number("id", in: $0))", to: mail, as: .json)
        }
        router.on(.delete, "/mailbox/{id}") {
            try await pass(.delete, "/messages/\(Self.number("id", in: $0))", to: mail, as: .json)
        }
        let parts: [(String, RelayedContent)] = [("html", .html), ("plain", .text), ("source", .text)]
        for (part, content) in parts {
            router.get("/mailbox/{id}/\(part)") {
                try await pass(.get, "/messages/\(Self.number("id", in: $0))/\(part)", to: mail, as: content)
            }
        }
        router.get("/mailbox/{id}/attachments/{number}") {
            let (id, number) = try (Self.number("id", in: $0), Self.number("number", in: $0))
            return try await pass(.get, "/messages/\(id)/attachments/\(number)", to: mail, as: .download)
        }
    }

    private static func query(of request: HTTPRequest) -> String { request.query.raw.map { "?" + $0 } ?? "" }

    /// Written anew from its value: a path behind must not be what somebody made up.
    private static func number(_ name: String, in request: HTTPRequest) throws(ServiceError) -> Int64 {
        guard let number = request.parameters[name].flatMap(Int64.init), number >= 0 else {
            throw ServiceError(.notFound, "there is nothing with this \(name)")
        }
        return number
    }
}
