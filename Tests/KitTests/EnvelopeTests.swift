import MartletCore
import MartletHTTP
import MartletSQL
import MartletWire
import Testing

@testable import MartletKit

@Suite("Envelope and errors", .timeLimit(.minutes(1)))
struct EnvelopeTests {
    private struct Hidden: Error, CustomStringConvertible {
        var description: String { "password=verysecret" }
    }

    private func text(_ envelope: PlainEnvelope, _ options: JSONWritingOptions = []) -> String {
        String(decoding: JSON.encode(envelope, options: options), as: UTF8.self)
    }

    private func answer(_ error: any Error) async throws -> (HTTPResponse, String) {
        var router = Router(failure: { .envelope(failure: $0) })
        router.use(DefaultStack(.disabled))
        router.post("/") { _ in throw error }
        let response = try await router.handler()(HTTPRequest(.post, "/", headers: ["Host": "localhost"]))
        return (response, String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self))
    }

    @Test("error, message and data come in this order, whatever else is sorted; data is left out when there is none")
    func order() {
        #expect(text(PlainEnvelope(message: "m")) == #"{"error":false,"message":"m"}"#)
        #expect(text(PlainEnvelope(error: true, message: "", data: nil)) == #"{"error":true,"message":""}"#)
        let data: JSONValue = ["z": 1, "a": ["y": [["d": 1, "c": 2]], "b": nil]]
        #expect(
            text(PlainEnvelope(message: "m", data: data))
                == #"{"error":false,"message":"m","data":{"z":1,"a":{"y":[{"d":1,"c":2}],"b":null}}}"#)
        #expect(
            text(PlainEnvelope(message: "m", data: data), .sortedKeys)
                == #"{"error":false,"message":"m","data":{"a":{"b":null,"y":[{"c":2,"d":1}]},"z":1}}"#)
        #expect(text(PlainEnvelope(message: "m", data: "")) == #"{"error":false,"message":"m","data":""}"#)
        #expect(text(PlainEnvelope(message: "m", data: false)) == #"{"error":false,"message":"m","data":false}"#)
    }

    @Test("an envelope is read whatever the order and case of its keys")
    func reading() throws {
        let bytes = Array(#"{"DATA":[1],"Message":"m","error":true,"more":{}}"#.utf8)
        let envelope = try JSON.decode(PlainEnvelope.self, from: bytes)
        #expect(envelope.error && envelope.message == "m" && envelope.data == [1])
    }

    @Test("each code has its status", arguments: ServiceError.Code.allCases)
    func codes(code: ServiceError.Code) async throws {
        let (response, body) = try await answer(ServiceError(code, "text"))
        #expect(response.status == HTTPStatus(code))
        #expect(response.headers["Content-Type"] == "application/json")
        #expect(body == #"{"error":true,"message":"text"}"#)
    }

    @Test("Retry-After goes along, in whole seconds rounded up")
    func retryAfter() async throws {
        let (response, _) = try await answer(ServiceError(.unavailable, "later", retryAfter: .milliseconds(1500)))
        #expect(response.headers["Retry-After"] == "2")
    }

    @Test("an error of the store has its code through the default stack, and none of its detail")
    func store() async throws {
        let detail = "cannot open /var/lib/secret.db"
        for (kind, status): (SQLError.Kind, Int) in [
            (.busy, 503), (.connectionLost, 503), (.timeout, 504), (.full, 503), (.corrupt, 500), (.io, 500),
        ] {
            let (response, body) = try await answer(SQLError(kind, detail, statement: "SELECT secret"))
            #expect(response.status.code == status, "\(kind)")
            #expect(!body.contains("secret"), "\(kind)")
            #expect((response.headers["Retry-After"] == "1") == (status == 503 && kind != .full), "\(kind)")
        }
    }

    @Test("an HTTP error keeps the status it asks for, through the default stack")
    func http() async throws {
        for status in [HTTPStatus.expectationFailed, .forbidden, .gone, .requestTimeout, .badGateway] {
            let (response, body) = try await answer(HTTPError(status, "why"))
            #expect(response.status == status)
            #expect(body == #"{"error":true,"message":"why"}"#)
        }
    }

    @Test("a body that is too large is 400 with Go's text")
    func tooLarge() async throws {
        let (response, body) = try await answer(HTTPBodyTooLarge(limit: 1))
        #expect(response.status == .badRequest)
        #expect(body == #"{"error":true,"message":"http: request body too large"}"#)
    }

    @Test("what nobody has foreseen is 500 and says nothing")
    func hidden() async throws {
        let (response, body) = try await answer(Hidden())
        #expect(response.status == .internalServerError)
        #expect(body == #"{"error":true,"message":"internal error"}"#)
    }
}
