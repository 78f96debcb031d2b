internal import MartletCore
public import MartletHTTP
internal import MartletKit
internal import MartletWire

extension LogBook {
    /// `POST /log` as the original has it (contracts, course A.5), except that a body which cannot be read is refused;
    /// `GET /logs`, and `GET /logs/stream`.
    public func mount(on router: inout Router) {
        let accepted = HTTPResponse.json(.accepted, PlainEnvelope(message: "logged"))
        router.on(.post, "/log", access: .original, writeLog.json { _ in accepted })
        let readLogs = readLogs
        router.get("/logs") { request in
            .json(.ok, try await readLogs(try LogQuery(request.query)))
        }
        mountStream(on: &router)
    }
}

extension LogQuery {
    /// Reads `name`, `text`, `since`, `until`, `limit` and `cursor`.
    /// - Throws: `invalidArgument` that names the parameter and what is allowed.
    init(_ query: QueryParameters) throws(ServiceError) {
        self.init()
        name = query["name"]
        text = query["text"]
        guard text?.utf8.contains(0) != true else {
            throw ServiceError(.invalidArgument, "text must not hold a NUL character")
        }
        since = try Self.time(query, "since")
        until = try Self.time(query, "until")
        if let text = query["limit"] {
            guard let number = Int(text), (1...1000).contains(number) else {
                throw ServiceError(.invalidArgument, "limit must be an integer from 1 to 1000")
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

    private static func time(_ query: QueryParameters, _ name: String) throws(ServiceError) -> Timestamp? {
        guard let text = query[name] else { return nil }
        guard let time = Timestamp(text) else {
            throw ServiceError(.invalidArgument, "\(name) must be a time as 2026-11-20T13:00:00Z")
        }
        return time
    }
}
