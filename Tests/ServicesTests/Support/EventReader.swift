import MartletCore
import MartletHTTP
import Testing

/// Reads a stream of server-sent events as a browser does.
final class EventReader {
    struct Event: Equatable {
        var id: String?
        /// Nil for what sets the id and is no event to a page.
        var data: String?
    }

    let status: Int
    let headers: HTTPHeaders
    private let client: HTTPClient
    private var chunks: HTTPBody.AsyncIterator
    private var text: [UInt8] = []
    /// No event ends before this.
    private var scanned = 0

    init(_ target: String, at base: HTTPBaseURL, after lastID: String? = nil) async throws {
        var headers: HTTPHeaders = ["Accept": "text/event-stream"]
        if let lastID { headers["Last-Event-ID"] = lastID }
        client = HTTPClient()
        let answer = try await client.send(HTTPRequest(.get, target, headers: headers), to: base, deadline: .never)
        status = answer.status.code
        self.headers = answer.headers
        chunks = answer.body.makeAsyncIterator()
    }

    /// The next event; nil at the end of the stream.
    func next() async throws -> Event? {
        while true {
            while let block = takeBlock() {
                var event = Event()
                for line in block.split(separator: "\n") {
                    if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                    if line.hasPrefix("data: ") {
                        event.data = (event.data.map { $0 + "\n" } ?? "") + line.dropFirst(6)
                    }
                }
                if event != Event() { return event }
            }
            guard let chunk = try await chunks.next() else { return nil }
            text += chunk
        }
    }

    /// The ids of the next events with data.
    func ids(_ count: Int) async throws -> [Int64] {
        var ids: [Int64] = []
        while ids.count < count {
            let event = try #require(try await next())
            if event.data != nil { ids.append(try #require(event.id.flatMap(Int64.init))) }
        }
        return ids
    }

    private func takeBlock() -> String? {
        let found = text.withUnsafeBufferPointer { text in
            var index = max(scanned, 1)
            while index < text.count, text[index] != 10 || text[index - 1] != 10 { index += 1 }
            return index
        }
        scanned = found
        guard found < text.count else { return nil }
        defer {
            text.removeFirst(found + 1)
            scanned = 0
        }
        return String(decoding: text[..<found], as: UTF8.self)
    }
}

extension LiveService {
    func follow(_ target: String = "/logs/stream", after lastID: String? = nil) async throws -> EventReader {
        try await EventReader(target, at: base, after: lastID)
    }
}
