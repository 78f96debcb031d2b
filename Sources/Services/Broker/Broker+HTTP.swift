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
                let answer = try await handle(asked, from: request.clientAddress)
                // The original reads the answer of a service into a Go map, which is written sorted by key.
                return .json(.accepted, answer, options: .sortedKeys)
            })
    }
}

extension HTTPRequest {
    /// The peer's address without its port.
    fileprivate var clientAddress: String? {
        guard let peer, let colon = peer.lastIndex(of: ":") else { return nil }
        return peer[..<colon].trimmingBrackets
    }
}

extension Substring {
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : String(self)
    }
}
