import MartletCore
import MartletHTTP
import MartletKit
import MartletWire

extension Guestbook {
    func mount(on router: inout Router, limit: ConcurrencyLimit) {
        router.on(.post, "/entries", sign.with(limit).json { .json(.created, PlainEnvelope(message: "signed")) })
        let read = read
        router.get("/entries") { request in
            guard let limit = Int(request.query["limit"] ?? "20"), (1...100).contains(limit) else {
                throw ServiceError(.invalidArgument, "limit must be an integer from 1 to 100")
            }
            return .json(.ok, try await read(limit))
        }
    }
}
