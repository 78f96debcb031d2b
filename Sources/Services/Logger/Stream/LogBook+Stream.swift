internal import MartletCore
internal import MartletHTTP

extension LogBook {
    /// `GET /logs/stream`: the filters of `GET /logs`, from what comes now, after the entry `after`, or after the one in
    /// `Last-Event-ID`, which goes first.
    func mountStream(on router: inout Router) {
        router.get("/logs/stream") { request in
            let query = try LogQuery(request.query)
            let asked = try Self.position(in: request)
            let reader = try feed.admit()
            let newest = try await store.newestID()
            // An id that is not there yet is another store's, or its entry has been forgotten: what comes is new.
            let stream = LogStream(
                store: store, feed: feed, query: query, start: min(asked ?? newest, newest), reader: reader)
            return .events { try await stream.send(to: $0) }
        }
    }

    private static func position(in request: HTTPRequest) throws(ServiceError) -> Int64? {
        let (text, name) =
            if let last = request.headers["Last-Event-ID"] { (last, "Last-Event-ID") } else {
                (request.query["after"] ?? "", "after")
            }
        if text.isEmpty { return nil }
        guard let id = Int64(text), id >= 0 else {
            throw ServiceError(.invalidArgument, "\(name) must be an entry's id")
        }
        return id
    }
}
