internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

extension Broker {
    func mount(on router: inout Router) {
        let hit = HTTPResponse.json(.ok, PlainEnvelope(message: "Hit the broker"))
        router.on(.post, "/", access: .original, Endpoint(http: "hit") { _ in hit })
        router.on(
            .post, "/handle", access: .original,
            Endpoint(http: "handle") { request in
                let asked = try await request.json(BrokerRequest.self)
                let caller = Caller(
                    address: proxies.client(of: request)?.description,
                    session: SessionCookie.value(in: request.headers))
                let answer = try await handle(asked, for: caller)
                // The original reads the answer of a service into a Go map, which is written sorted by key.
                var response = HTTPResponse.json(answer.status, answer.envelope, options: .sortedKeys)
                for cookie in answer.cookies { response.headers.add("Set-Cookie", cookie) }
                return response
            })
    }
}
