import GeneratedCode
import MartletCore
import MartletHTTP
import MartletKit
import MartletWire
import Testing

@Suite("A service's methods over REST")
struct RESTTests {
    private func answer(
        _ method: HTTPMethod, _ target: String, _ body: String = ""
    ) async throws -> (status: Int, body: String) {
        var router = Router()
        try router.rest(Items(EchoingItems()))
        let body: HTTPBody = body.isEmpty ? .empty : .bytes(Array(body.utf8))
        let response = try await router.handler()(HTTPRequest(method, target, body: body))
        return (response.status.code, String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self))
    }

    @Test("the path's parameter is a field, and the query has the others")
    func pathAndQuery() async throws {
        let plain = try await answer(.get, "/v1/items/a%20b")
        #expect(plain == (200, #"{"id":"a b"}"#))
        let query = try await answer(.get, "/v1/items/7?limit=5&place.row=3&place.room=x&fragile=true&level=LOW")
        #expect(
            query == (
                200, #"{"id":"7","count":"5","place":{"room":"x","row":3},"fragile":true,"level":"LOW"}"#
            ))
    }

    @Test("a parameter may go down into a message; a method may have several routes")
    func nestedParameter() async throws {
        let answer = try await answer(.get, "/v1/rooms/attic/items/7")
        #expect(answer == (200, #"{"id":"7","place":{"room":"attic"}}"#))
    }

    @Test("a repeated field is as often in the query as it has elements")
    func repeated() async throws {
        let two = try await answer(.get, "/v1/items?tags=a&tags=b")
        #expect(two == (200, #"{"items":[{"id":"a"},{"id":"b"}]}"#))
        let one = try await answer(.get, "/v1/items?tags=true")
        #expect(one == (200, #"{"items":[{"id":"true"}]}"#))
        let none = try await answer(.get, "/v1/items")
        #expect(none == (200, "{}"))
    }

    @Test("the path goes before the query and the body")
    func precedence() async throws {
        #expect(try await answer(.get, "/v1/items/7?id=8").body == #"{"id":"7"}"#)
        #expect(try await answer(.put, "/v1/items/7", #"{"id":"8","name":"n"}"#).body == #"{"id":"7","name":"n"}"#)
    }

    @Test("the body is the request, in the JSON of proto3")
    func wholeBody() async throws {
        let text = #"{"name":"n","count":"9007199254740993","tags":["a"],"weight":"NaN","seal":"AQI=","shelf":0}"#
        let answer = try await answer(.put, "/v1/items/7", text)
        #expect(answer == (200, #"{"id":"7","# + text.dropFirst()))
        #expect(try await self.answer(.put, "/v1/items/7").body == #"{"id":"7"}"#)
    }

    @Test("the body is one field, and the query has the others, but not of that field")
    func partOfTheBody() async throws {
        let answer = try await answer(.patch, "/v1/items/7?dry=true&item.name=q", #"{"count":5}"#)
        #expect(answer == (200, #"{"id":"7","item":{"count":"5"},"dry":true}"#))
    }

    @Test(
        "what does not fit is 400, and says what",
        arguments: [
            ("/v1/items?limit=five", #"the parameter "limit" has no such value"#),
            ("/v1/items?limit=5&limit=6", #"the parameter "limit" has no such value"#),
            ("/v1/items?limit=4294967296", #"the parameter "limit" has no such value"#),
            ("/v1/items?fragile=yes", #"the parameter "fragile" has no such value"#),
            ("/v1/items?level=MIDDLE", #"the parameter "level" has no such value"#),
            ("/v1/items?place=x", #"the parameter "place" has no such value"#),
            ("/v1/items?size=5", #"there is no parameter "size""#),
            ("/v1/items?place.door=5", #"there is no parameter "place.door""#),
            ("/v1/items?tags.a=5", #"there is no parameter "tags.a""#),
            ("/v1/items?=5", #"there is no parameter """#),
        ])
    func refused(target: String, message: String) async throws {
        let answer = try await answer(.get, target)
        #expect(answer == (400, message + "\n"))
    }

    @Test("an enumeration is named, or numbered")
    func enumerations() async throws {
        #expect(try await answer(.get, "/v1/items/7?level=-1").body == #"{"id":"7","level":"BELOW_ZERO"}"#)
        #expect(try await answer(.get, "/v1/items/7?level=99").body == #"{"id":"7","level":99}"#)
    }

    @Test("a body that is no such message is 400 with the reason")
    func badBodies() async throws {
        #expect(try await answer(.put, "/v1/items/7", #"{"nmae":"x"}"#) == (400, "json: unknown field \"nmae\"\n"))
        #expect(try await answer(.put, "/v1/items/7", "[").status == 400)
        #expect(try await answer(.patch, "/v1/items/7", #"{"count":"x"}"#).status == 400)
    }

    @Test("what a method throws is answered with the status of its code")
    func errors() async throws {
        #expect(try await answer(.delete, "/v1/items/7") == (404, "no item 7\n"))
        #expect(try await answer(.get, "/v1/items/none") == (404, "no item none\n"))
        #expect(try await answer(.post, "/v1/items/7").status == 405)
    }

    @Test("names are those of JSON or of the schema")
    func names() async throws {
        struct Request: Message {
            static let messageName = "Request"
            var maximumCount: Int32 = 0
            var other = ""
            mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
                visit.field(1, "maximum_count", &maximumCount)
                visit.field(2, "other", json: "@other", &other)
            }
        }
        struct Service: RPCService {
            static let serviceName = "Service"
            var routes = [RPCRoute("GET", "/{other}")]
            func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {
                visit.unary("Get", Endpoint<Request, Request>("get") { $0 }, routes: routes)
            }
        }
        var router = Router()
        try router.rest(Service())
        for name in ["maximumCount", "maximum_count"] {
            let response = try await router.handler()(HTTPRequest(.get, "/a?\(name)=5"))
            #expect(try await response.body.collect(upTo: 100) == Array(#"{"maximumCount":5,"@other":"a"}"#.utf8))
        }
        for route in [RPCRoute("GET", "/{missing}"), RPCRoute("GET", "/", body: "missing"), RPCRoute("NO WAY", "/")] {
            #expect(throws: RouterError.self) { try router.rest(Service(routes: [route])) }
        }
    }
}
