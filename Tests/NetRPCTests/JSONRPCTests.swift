import MartletCore
import MartletHTTP
import MartletNetRPC
import MartletWire
import Testing

@Suite("JSON-RPC 2.0 over HTTP")
struct JSONRPCTests {
    struct Pair: Message {
        static let messageName = "Pair"
        var a = 0
        var b = 0
        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "a", &a)
            visit.field(2, "b", &b)
        }
    }

    private let handler: HTTPHandler
    private let notified = Locked(0)

    init() throws {
        let notified = notified
        var methods = JSONRPCMethods()
        methods.method("sum", Endpoint("sum") { (pair: Pair) in pair.a + pair.b })
        methods.method("double", Endpoint("double") { (number: Int) in 2 * number })
        methods.method(
            "fail", Endpoint("fail") { (_: Pair) -> Int in throw ServiceError(.unavailable, "no mongo") })
        methods.method(
            "note",
            Endpoint("note") { (_: Pair) -> Int in
                notified.withLock { $0 += 1 }
                return 0
            })
        var router = Router()
        router.jsonRPC("/rpc", methods)
        handler = try router.handler()
    }

    private func post(_ body: String) async throws -> (status: Int, body: String) {
        let response = try await handler(
            HTTPRequest(.post, "/rpc", headers: ["Host": "localhost"], body: .string(body)))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return (response.status.code, String(decoding: bytes, as: UTF8.self))
    }

    @Test(
        "each request has the answer of the specification",
        arguments: [
            (
                #"{"jsonrpc":"2.0","method":"sum","params":{"a":3,"b":2},"id":1}"#,
                #"{"jsonrpc":"2.0","result":5,"id":1}"#
            ),
            (
                #"{"jsonrpc":"2.0","method":"sum","params":[{"a":3,"b":2}],"id":"x"}"#,
                #"{"jsonrpc":"2.0","result":5,"id":"x"}"#
            ),
            (#"{"jsonrpc":"2.0","method":"double","params":[4],"id":2}"#, #"{"jsonrpc":"2.0","result":8,"id":2}"#),
            (#"{"jsonrpc":"2.0","method":"sum","id":null}"#, #"{"jsonrpc":"2.0","result":0,"id":null}"#),
            (
                #"{"jsonrpc":"2.0","method":"foobar","id":"1"}"#,
                #"{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method foobar was not found."},"id":"1"}"#
            ),
            (
                #"{"jsonrpc":"2.0","method":"foobar, "params":"bar","baz]"#,
                #"{"jsonrpc":"2.0","error":{"code":-32700,"message":"invalid character 'p' after object key:value pair"},"#
                    + #""id":null}"#
            ),
            (
                #"{"jsonrpc":"2.0","method":1,"params":"bar","id":1}"#,
                #"{"jsonrpc":"2.0","error":{"code":-32600,"message":"not a JSON-RPC 2.0 request"},"id":1}"#
            ),
            (
                #"{"method":"sum","id":{}}"#,
                #"{"jsonrpc":"2.0","error":{"code":-32600,"message":"an id is a string, a number or null"},"id":null}"#
            ),
            (
                #"{"jsonrpc":"2.0","method":"sum","params":{"a":"x"},"id":1}"#,
                #"{"jsonrpc":"2.0","error":{"code":-32602,"message":"json: cannot unmarshal string into Go struct field "#
                    + #"Pair.a of type int"},"id":1}"#
            ),
            (
                #"{"jsonrpc":"2.0","method":"sum","params":[1,2],"id":1}"#,
                #"{"jsonrpc":"2.0","error":{"code":-32602,"message":"params must be an object, or an array of one "#
                    + #"argument"},"id":1}"#
            ),
            (
                #"{"jsonrpc":"2.0","method":"fail","params":{},"id":1}"#,
                #"{"jsonrpc":"2.0","error":{"code":-32603,"message":"no mongo","data":{"code":"unavailable"}},"id":1}"#
            ),
            ("[]", #"{"jsonrpc":"2.0","error":{"code":-32600,"message":"an empty batch"},"id":null}"#),
            (
                "[1]",
                #"[{"jsonrpc":"2.0","error":{"code":-32600,"message":"not a JSON-RPC 2.0 request"},"id":null}]"#
            ),
            (
                #"[{"jsonrpc":"2.0","method":"double","params":[1],"id":1},{"jsonrpc":"2.0","method":"note"},"#
                    + #"{"jsonrpc":"2.0","method":"double","params":[2],"id":2}]"#,
                #"[{"jsonrpc":"2.0","result":2,"id":1},{"jsonrpc":"2.0","result":4,"id":2}]"#
            ),
        ])
    func answers(request: String, expected: String) async throws {
        let (status, body) = try await post(request)
        #expect(status == 200)
        #expect(body == expected)
    }

    @Test("notifications are done and not answered")
    func notifications() async throws {
        let one = #"{"jsonrpc":"2.0","method":"note"}"#
        for body in [one, "[\(one),\(one)]", #"{"jsonrpc":"2.0","method":"no such"}"#] {
            let answer = try await post(body)
            #expect(answer == (204, ""))
        }
        #expect(notified.withLock { $0 } == 3)
    }

    @Test("a batch has a limit")
    func batchLimit() async throws {
        let one = #"{"jsonrpc":"2.0","method":"note","id":1}"#
        let (_, body) = try await post("[" + Array(repeating: one, count: 101).joined(separator: ",") + "]")
        #expect(body.contains("-32600"))
        #expect(notified.withLock { $0 } == 0)
    }

    @Test("another method than POST is not taken")
    func method() async throws {
        let response = try await handler(HTTPRequest(.get, "/rpc", headers: ["Host": "localhost"]))
        #expect(response.status.code == 405)
    }
}
