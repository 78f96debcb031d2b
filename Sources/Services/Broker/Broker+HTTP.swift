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
                let answer = try await handle(asked, from: proxies.client(of: request)?.description)
                // The original reads the answer of a service into a Go map, which is written sorted by key.
                return .json(.accepted, answer, options: .sortedKeys)
            })
    }
}
