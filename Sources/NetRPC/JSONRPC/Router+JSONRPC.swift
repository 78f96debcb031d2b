internal import MartletCore
public import MartletHTTP

extension Router {
    /// A JSON-RPC 2.0 route: POST of a call or a batch. Calls are answered with 200, whatever became of them, and
    /// notifications alone with 204.
    /// - Parameter bodyLimit: in bytes.
    public mutating func jsonRPC(
        _ path: String, access: Access = .sameOrigin, bodyLimit: Int = Router.defaultBodyLimit,
        _ methods: JSONRPCMethods
    ) {
        let document = JSONRPCDocument(methods: methods)
        post(path, access: access, bodyLimit: bodyLimit) { request in
            guard let answer = await document.answer(try await request.body.collect(upTo: bodyLimit)) else {
                return HTTPResponse(.noContent)
            }
            return HTTPResponse(
                .ok, headers: ["Content-Type": "application/json; charset=utf-8"], body: .bytes(answer))
        }
    }
}
