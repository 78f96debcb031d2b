import GeneratedCode
import MartletCore
import MartletWire

/// Answers with what it was asked.
struct EchoingItems: ItemsMethods {
    func getItem(_ request: ItemQuery) async throws -> Item {
        Item(id: request.id, place: request.place, level: request.level)
    }
    func listItems(_ request: ItemQuery) async throws -> ItemList {
        ItemList(items: request.tags.map { Item(id: $0, fragile: request.fragile) })
    }
    func putItem(_ request: Item) async throws -> Item { request }
    func updateItem(_ request: ItemUpdate) async throws -> ItemUpdate { request }
    func deleteItem(_ request: ItemQuery) async throws -> Empty {
        throw ServiceError(.notFound, "no item \(request.id)")
    }

    func watch(_ stream: RPCStream<ItemQuery, Item>) async throws {
        let query = try await stream.requests.next()
        for number in 0..<(query?.limit ?? 0) { try await stream.responses.send(Item(name: "\(number)")) }
    }

    func upload(_ stream: RPCStream<Item, ItemList>) async throws {
        var list = ItemList()
        while let item = try await stream.requests.next() { list.items.append(item) }
        try await stream.responses.send(list)
    }

    func exchange(_ stream: RPCStream<Item, Item>) async throws {
        while var item = try await stream.requests.next() {
            item.name = "seen"
            try await stream.responses.send(item)
        }
    }

    func initMethod(_ request: Empty) async throws -> Empty { request }
    func channel(_ request: Empty) async throws -> Empty { request }
    func `import`(_ request: Empty) async throws -> Empty { request }
}
