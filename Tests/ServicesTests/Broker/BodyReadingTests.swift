import MartletCore
import MartletHTTP
import MartletKit
import Testing

@testable import BrokerService
@testable import LoggerService

/// The rows of contracts, course A.2, over live servers: the broker's `/handle` and the logger's `/log`.
@Suite("Reading a JSON body", .timeLimit(.minutes(1)))
struct BodyReadingTests {
    /// Both services read by the same rules; a body that means nothing else to the broker is an unknown action.
    private func withBoth(_ body: (_ broker: LiveService, _ logger: LiveService) async throws -> Void) async throws {
        try await withService(LoggerApp.self, ["DSN": "sqlite::memory:"]) { logger in
            try await withService(BrokerApp.self, ["LOGGER_URL": "\(logger.base)"]) { broker in
                try await body(broker, logger)
            }
        }
    }

    private static let unreadable: [(String, String)] = [
        ("", "EOF"), (" \r\n\t", "EOF"),
        (#"{"action""#, "unexpected EOF"), (#"{"name":"a"#, "unexpected EOF"), ("[1,", "unexpected EOF"),
        ("hello", "invalid character 'h' looking for beginning of value"),
        (#"{} {}"#, "body must have only a single json value"), (#"{}x"#, "body must have only a single json value"),
        ("null null", "body must have only a single json value"),
    ]

    @Test("what cannot be read is 400 with Go's text, and nothing is stored")
    func unreadable() async throws {
        try await withBoth { broker, logger in
            for (body, text) in Self.unreadable {
                let answer = #"{"error":true,"message":"\#(text)"}"#
                try await broker.post("/handle", body).isEnvelope(400, answer)
                try await logger.post("/log", body).isEnvelope(400, answer)
            }
            #expect(try await logger.get("/logs").body == #"{"entries":[]}"#)
        }
    }

    @Test("a value of the wrong type is 400 with a text that names the field")
    func wrongType() async throws {
        try await withBoth { broker, logger in
            try await broker.post("/handle", #"{"action":7}"#).isEnvelope(
                400,
                #"{"error":true,"message":"json: cannot unmarshal number into Go struct field "#
                    + #"RequestPayload.action of type string"}"#)
            try await broker.post("/handle", "[]").isEnvelope(
                400,
                #"{"error":true,"message":"json: cannot unmarshal array into Go value of type main.RequestPayload"}"#)
            for body in [#"{"name":7}"#, #"{"data":[]}"#, #"{"data":{}}"#, #"{"name":true}"#, "7", #""a""#, "true"] {
                let reply = try await logger.post("/log", body)
                #expect(
                    reply.status == 400 && reply.body.hasPrefix(#"{"error":true,"message":"json: cannot"#), "\(body)")
            }
            #expect(try await logger.get("/logs").body == #"{"entries":[]}"#)
        }
    }

    @Test("a body of exactly 1 MiB is read; one byte more is 400, and the connection is closed")
    func size() async throws {
        try await withBoth { broker, logger in
            let limit = 1 << 20
            let known = #"{"action":"log","log":{"name":"n","data":""}}"#
            let handle =
                String(known.dropLast(3)) + String(repeating: "x", count: limit - known.utf8.count) + #""}}"#
            #expect(handle.utf8.count == limit)
            try await broker.post("/handle", handle).isEnvelope(202, #"{"error":false,"message":"logged!"}"#)
            let entry = #"{"name":"n"}"# + String(repeating: " ", count: limit - 12)
            try await logger.post("/log", entry).isEnvelope(202, #"{"error":false,"message":"logged"}"#)

            let refusal = #"{"error":true,"message":"http: request body too large"}"#
            let closing = ["connection", "content-type", "vary"]
            let over = try await broker.post("/handle", handle + " ")
            over.isEnvelope(400, refusal, fields: closing)
            #expect(over.headers["Connection"] == "close")
            let overEntry = try await logger.post("/log", entry + " ")
            overEntry.isEnvelope(400, refusal, fields: closing)
            #expect(overEntry.headers["Connection"] == "close")
        }
    }

    @Test("a chunked body over 1 MiB is refused as well, without waiting for its end")
    func chunked() async throws {
        try await withBoth { _, logger in
            let endless = HTTPBody.stream { writer in
                for _ in 0..<40 { try await writer.write([UInt8](repeating: 0x20, count: 32 << 10)) }
            }
            let reply = try await logger.send(.post, "/log", endless)
            #expect(reply.status == 400)
            #expect(reply.body == #"{"error":true,"message":"http: request body too large"}"#)
        }
    }

    @Test("white space, unknown fields, null, any case of a key, and a repeated key are accepted")
    func accepted() async throws {
        let bodies: [(body: String, name: String, data: String)] = [
            ("{\"name\":\"space\",\"data\":\"d\"} \r\n\t ", "space", "d"),
            (#"{"name":"unknown","data":"d","level":{"a":[1,2,{}]}}"#, "unknown", "d"),
            (#"{"name":"null","data":null}"#, "null", ""),
            (#"{"NAME":"case","Data":"d"}"#, "case", "d"),
            (#"{"name":"first","name":"last","data":"d","DATA":"e"}"#, "last", "e"),
            ("null", "", ""), ("{}", "", ""),
            (#"{"name":"escapes","data":"\u003cb\u003e\n\u2028"}"#, "escapes", "<b>\n\u{2028}"),
        ]
        try await withBoth { broker, logger in
            for (body, name, data) in bodies {
                try await logger.post("/log", body).isEnvelope(202, #"{"error":false,"message":"logged"}"#)
                let stored = try await newest(logger)
                #expect(stored.name == name && stored.data == data, "\(body)")
            }
            for body in ["null", "{}", #"{"Action":null}"#, #"{"action":"LOG"}"#, #"{"action":"log ","log":{}}"#] {
                try await broker.post("/handle", body).isEnvelope(400, #"{"error":true,"message":"unknown action"}"#)
            }
            let shouted = #"{"ACTION":"mail","action":"log","LOG":{"Name":"shouted","log":1}} "#
            try await broker.post("/handle", shouted).isEnvelope(202, #"{"error":false,"message":"logged!"}"#)
            #expect(try await newest(logger).name == "shouted")
        }
    }

    @Test("bytes that are not UTF-8, and lone surrogates, become U+FFFD")
    func repaired() async throws {
        try await withBoth { broker, logger in
            let bytes =
                Array(#"{"action":"log","log":{"name":"bytes","data":"a"#.utf8) + [0xFF, 0xC3] + Array(#"b"}}"#.utf8)
            #expect(try await broker.send(.post, "/handle", .bytes(bytes)).status == 202)
            #expect(try await newest(logger).data == "a\u{FFFD}\u{FFFD}b")
            #expect(try await logger.post("/log", #"{"name":"\ud800","data":"a\udc00b"}"#).status == 202)
            let stored = try await newest(logger)
            #expect(stored.name == "\u{FFFD}" && stored.data == "a\u{FFFD}b")
        }
    }

    @Test("the content type of a request is not asked for", arguments: [nil, "text/plain", "application/xml"])
    func contentType(type: String?) async throws {
        try await withBoth { _, logger in
            var headers: HTTPHeaders = [:]
            headers["Content-Type"] = type
            let reply = try await logger.post("/log", #"{"name":"n"}"#, headers: headers)
            reply.isEnvelope(202, #"{"error":false,"message":"logged"}"#)
        }
    }

    @Test("what Go escapes in its answers is escaped")
    func escaping() async throws {
        let mail = try StandIn(.accepted, "")
        try await withService(BrokerApp.self, ["MAIL_URL": mail.url]) { broker in
            let reply = try await broker.post("/handle", #"{"action":"mail","mail":{"to":"<a>&\u2028\u2029é\""}}"#)
            reply.isEnvelope(
                202, #"{"error":false,"message":"mail sent to \u003ca\u003e\u0026\u2028\u2029é\""}"#)
        }
    }

    /// The newest entry that the logger has.
    private func newest(_ logger: LiveService) async throws -> StoredEntry {
        try #require(try await logger.page("limit=1").entries.first)
    }
}
