import GeneratedCode
import MartletCodeGeneration
import MartletCore
import MartletWire
import Testing

@Suite("Generated services")
struct GeneratedServiceTests {
    /// What a service's description says.
    private struct Recorder: RPCMethodVisitor {
        var lines: [String] = []

        mutating func unary<Request: Message, Response: Message>(
            _ name: String, _ endpoint: Endpoint<Request, Response>, routes: [RPCRoute]
        ) {
            let routes = routes.map { "\($0.method) \($0.path) \($0.body)" }
            lines.append(
                (["\(name) \(endpoint.name): \(Request.messageName) -> \(Response.messageName)"] + routes)
                    .joined(separator: "; "))
        }

        mutating func streaming<Request: Message, Response: Message>(
            _ name: String, _ endpoint: Endpoint<RPCStream<Request, Response>, Void>, kind: RPCKind
        ) {
            lines.append("\(name) \(endpoint.name): \(kind) \(Request.messageName) -> \(Response.messageName)")
        }
    }

    @Test("the table has every method with its kind and its routes, in the order of the schema")
    func table() {
        var recorder = Recorder()
        Items(EchoingItems()).visitMethods(&recorder)
        #expect(Items.serviceName == "martlet.calls.Items")
        #expect(
            recorder.lines == [
                "GetItem getItem: martlet.calls.ItemQuery -> martlet.calls.Item; GET /v1/items/{id} "
                    + "; GET /v1/rooms/{place.room}/items/{id} ",
                "ListItems listItems: martlet.calls.ItemQuery -> martlet.calls.ItemList; GET /v1/items ",
                "PutItem putItem: martlet.calls.Item -> martlet.calls.Item; PUT /v1/items/{id} *",
                "UpdateItem updateItem: martlet.calls.ItemUpdate -> martlet.calls.ItemUpdate; PATCH /v1/items/{id} item",
                "DeleteItem deleteItem: martlet.calls.ItemQuery -> google.protobuf.Empty; DELETE /v1/items/{id} ",
                "Watch watch: serverStreaming martlet.calls.ItemQuery -> martlet.calls.Item",
                "Upload upload: clientStreaming martlet.calls.Item -> martlet.calls.ItemList",
                "Exchange exchange: bidirectional martlet.calls.Item -> martlet.calls.Item",
                "Init initMethod: google.protobuf.Empty -> google.protobuf.Empty",
                "Channel channel: google.protobuf.Empty -> google.protobuf.Empty",
                "Import import: google.protobuf.Empty -> google.protobuf.Empty",
            ])
    }

    @Test("a client's calls of every kind reach the methods of the same name")
    func client() async throws {
        let client = ItemsClient(LocalChannel(service: Items(EchoingItems())))
        #expect(try await client.getItem(ItemQuery(id: "7")).id == "7")
        let watched = try await client.watch(ItemQuery(id: "a", limit: 3)) { items in
            var names: [String] = []
            while let item = try await items.next() { names.append(item.name) }
            return names
        }
        #expect(watched == ["0", "1", "2"])
        let list = try await client.upload { items in
            try await items.send(Item(id: "a"))
            try await items.send(Item(id: "b"))
        }
        #expect(list.items.map(\.id) == ["a", "b"])
        let answer = try await client.exchange { call in
            try await call.requests.send(Item(id: "x"))
            try await call.requests.finish()
            return try await call.responses.next()
        }
        #expect(answer == Item(id: "x", name: "seen"))
        #expect(try await client.channelMethod(Empty()) == Empty())
    }

    @Test("a call whose server sends no response, or two, is an internal error")
    func wrongCount() async throws {
        for count in [0, 2] {
            let client = ItemsClient(WrongChannel(count: count))
            await #expect(throws: ServiceError.self) { try await client.upload { _ in } }
        }
    }

    @Test("the schema goes with the service: all imports, no comments")
    func schema() throws {
        let file = try #require(Items.schema)
        #expect(file.name == "calls.proto")
        #expect(
            file.imports.map(\.name) == ["google/api/annotations.proto", "google/protobuf/empty.proto", "names.proto"])
        var open = [file]
        var names: Set<String> = []
        while let next = open.popLast() {
            names.insert(next.name)
            open += next.imports
            let text = String(decoding: next.descriptor, as: UTF8.self)
            #expect(text.contains(next.name), "each is the descriptor of its own file")
            #expect(!text.contains("Keeps things."))
        }
        #expect(
            names.isSuperset(of: [
                "google/api/http.proto", "google/protobuf/descriptor.proto", "google/protobuf/struct.proto",
            ]))
    }
}
