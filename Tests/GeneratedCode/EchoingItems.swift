internal import MartletCore
package import MartletWire

/// Answers with what it was asked. For the tests of what calls it, or is mounted on it.
package struct EchoingItems: ItemsMethods {
    package init() {}

    package func getItem(_ request: ItemQuery) async throws -> Item {
        guard request.id != "none" else { throw ServiceError(.notFound, "no item none") }
        return Item(
            id: request.id, count: Int64(request.limit), tags: request.tags, place: request.place,
            fragile: request.fragile,
            level: request.level)
    }
    package func listItems(_ request: ItemQuery) async throws -> ItemList {
        ItemList(items: request.tags.map { Item(id: $0, fragile: request.fragile) })
    }
    package func putItem(_ request: Item) async throws -> Item { request }
    package func updateItem(_ request: ItemUpdate) async throws -> ItemUpdate { request }
    package func deleteItem(_ request: ItemQuery) async throws -> Empty {
        throw ServiceError(.notFound, "no item \(request.id)")
    }

    package func watch(_ stream: RPCStream<ItemQuery, Item>) async throws {
        let query = try await stream.requests.next()
        for number in 0..<(query?.limit ?? 0) { try await stream.responses.send(Item(name: "\(number)")) }
    }

    package func upload(_ stream: RPCStream<Item, ItemList>) async throws {
        var list = ItemList()
        while let item = try await stream.requests.next() { list.items.append(item) }
        try await stream.responses.send(list)
    }

    package func exchange(_ stream: RPCStream<Item, Item>) async throws {
        while var item = try await stream.requests.next() {
            item.name = "seen"
            try await stream.responses.send(item)
        }
    }

    package func initMethod(_ request: Empty) async throws -> Empty { request }
    package func channel(_ request: Empty) async throws -> Empty { request }
    package func `import`(_ request: Empty) async throws -> Empty { request }
}
