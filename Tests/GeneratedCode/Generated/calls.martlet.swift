// Written by protoc-gen-martlet from calls.proto. Change that, and generate anew.

public import MartletCore
public import MartletWire

public struct Item: Message, Hashable {
    public static let messageName = "martlet.calls.Item"

    public var id: String = ""
    public var name: String = ""
    public var count: Int64 = 0
    public var tags: [String] = []
    public var place: Place?
    public var fragile: Bool = false
    public var level: Level = .fieldDefault
    public var weight: Double = 0
    public var seal: [UInt8] = []
    public var shelf: UInt32?
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(
        id: String = "",
        name: String = "",
        count: Int64 = 0,
        tags: [String] = [],
        place: Place? = nil,
        fragile: Bool = false,
        level: Level = .fieldDefault,
        weight: Double = 0,
        seal: [UInt8] = [],
        shelf: UInt32? = nil
    ) {
        self.id = id
        self.name = name
        self.count = count
        self.tags = tags
        self.place = place
        self.fragile = fragile
        self.level = level
        self.weight = weight
        self.seal = seal
        self.shelf = shelf
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "id", &id)
        visit.field(2, "name", &name)
        visit.field(3, "count", &count)
        visit.field(4, "tags", &tags)
        visit.field(5, "place", &place)
        visit.field(6, "fragile", &fragile)
        visit.field(7, "level", &level)
        visit.field(8, "weight", &weight)
        visit.field(9, "seal", &seal)
        visit.field(10, "shelf", &shelf)
        visit.unknownFields(&unknownFields)
    }
}

public struct Place: Message, Hashable {
    public static let messageName = "martlet.calls.Place"

    public var room: String = ""
    public var row: Int32 = 0
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(room: String = "", row: Int32 = 0) {
        self.room = room
        self.row = row
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "room", &room)
        visit.field(2, "row", &row)
        visit.unknownFields(&unknownFields)
    }
}

public struct ItemQuery: Message, Hashable {
    public static let messageName = "martlet.calls.ItemQuery"

    public var id: String = ""
    public var place: Place?
    public var limit: Int32 = 0
    public var tags: [String] = []
    public var fragile: Bool = false
    public var level: Level = .fieldDefault
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(
        id: String = "",
        place: Place? = nil,
        limit: Int32 = 0,
        tags: [String] = [],
        fragile: Bool = false,
        level: Level = .fieldDefault
    ) {
        self.id = id
        self.place = place
        self.limit = limit
        self.tags = tags
        self.fragile = fragile
        self.level = level
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "id", &id)
        visit.field(2, "place", &place)
        visit.field(3, "limit", &limit)
        visit.field(4, "tags", &tags)
        visit.field(5, "fragile", &fragile)
        visit.field(6, "level", &level)
        visit.unknownFields(&unknownFields)
    }
}

public struct ItemUpdate: Message, Hashable {
    public static let messageName = "martlet.calls.ItemUpdate"

    public var id: String = ""
    public var item: Item?
    public var dry: Bool = false
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(id: String = "", item: Item? = nil, dry: Bool = false) {
        self.id = id
        self.item = item
        self.dry = dry
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "id", &id)
        visit.field(2, "item", &item)
        visit.field(3, "dry", &dry)
        visit.unknownFields(&unknownFields)
    }
}

public struct ItemList: Message, Hashable {
    public static let messageName = "martlet.calls.ItemList"

    public var items: [Item] = []
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(items: [Item] = []) {
        self.items = items
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "items", &items)
        visit.unknownFields(&unknownFields)
    }
}

/// Keeps things.
public protocol ItemsMethods: Sendable {
    func getItem(_ request: ItemQuery) async throws -> Item
    func listItems(_ request: ItemQuery) async throws -> ItemList
    /// Takes the whole body.
    func putItem(_ request: Item) async throws -> Item
    /// Takes a part of the request as the body.
    func updateItem(_ request: ItemUpdate) async throws -> ItemUpdate
    func deleteItem(_ request: ItemQuery) async throws -> Empty
    func watch(_ stream: RPCStream<ItemQuery, Item>) async throws
    func upload(_ stream: RPCStream<Item, ItemList>) async throws
    func exchange(_ stream: RPCStream<Item, Item>) async throws
    func initMethod(_ request: Empty) async throws -> Empty
    func channel(_ request: Empty) async throws -> Empty
    /// Deprecated.
    func `import`(_ request: Empty) async throws -> Empty
}

/// Keeps things.
public struct Items: RPCService {
    public static let serviceName = "martlet.calls.Items"
    public static var schema: SchemaFile? { .calls }

    public var getItem: Endpoint<ItemQuery, Item>
    public var listItems: Endpoint<ItemQuery, ItemList>
    /// Takes the whole body.
    public var putItem: Endpoint<Item, Item>
    /// Takes a part of the request as the body.
    public var updateItem: Endpoint<ItemUpdate, ItemUpdate>
    public var deleteItem: Endpoint<ItemQuery, Empty>
    public var watch: Endpoint<RPCStream<ItemQuery, Item>, Void>
    public var upload: Endpoint<RPCStream<Item, ItemList>, Void>
    public var exchange: Endpoint<RPCStream<Item, Item>, Void>
    public var initMethod: Endpoint<Empty, Empty>
    public var channel: Endpoint<Empty, Empty>
    /// Deprecated.
    public var `import`: Endpoint<Empty, Empty>

    public init(
        getItem: Endpoint<ItemQuery, Item>,
        listItems: Endpoint<ItemQuery, ItemList>,
        putItem: Endpoint<Item, Item>,
        updateItem: Endpoint<ItemUpdate, ItemUpdate>,
        deleteItem: Endpoint<ItemQuery, Empty>,
        watch: Endpoint<RPCStream<ItemQuery, Item>, Void>,
        upload: Endpoint<RPCStream<Item, ItemList>, Void>,
        exchange: Endpoint<RPCStream<Item, Item>, Void>,
        initMethod: Endpoint<Empty, Empty>,
        channel: Endpoint<Empty, Empty>,
        `import`: Endpoint<Empty, Empty>
    ) {
        self.getItem = getItem
        self.listItems = listItems
        self.putItem = putItem
        self.updateItem = updateItem
        self.deleteItem = deleteItem
        self.watch = watch
        self.upload = upload
        self.exchange = exchange
        self.initMethod = initMethod
        self.channel = channel
        self.`import` = `import`
    }

    /// An endpoint for each method.
    public init(_ methods: some ItemsMethods) {
        self.getItem = Endpoint("getItem") { try await methods.getItem($0) }
        self.listItems = Endpoint("listItems") { try await methods.listItems($0) }
        self.putItem = Endpoint("putItem") { try await methods.putItem($0) }
        self.updateItem = Endpoint("updateItem") { try await methods.updateItem($0) }
        self.deleteItem = Endpoint("deleteItem") { try await methods.deleteItem($0) }
        self.watch = Endpoint("watch") { try await methods.watch($0) }
        self.upload = Endpoint("upload") { try await methods.upload($0) }
        self.exchange = Endpoint("exchange") { try await methods.exchange($0) }
        self.initMethod = Endpoint("initMethod") { try await methods.initMethod($0) }
        self.channel = Endpoint("channel") { try await methods.channel($0) }
        self.`import` = Endpoint("import") { try await methods.`import`($0) }
    }

    @inlinable
    public func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {
        visit.unary(
            "GetItem",
            getItem,
            routes: [RPCRoute("GET", "/v1/items/{id}"), RPCRoute("GET", "/v1/rooms/{place.room}/items/{id}")])
        visit.unary("ListItems", listItems, routes: [RPCRoute("GET", "/v1/items")])
        visit.unary("PutItem", putItem, routes: [RPCRoute("PUT", "/v1/items/{id}", body: "*")])
        visit.unary("UpdateItem", updateItem, routes: [RPCRoute("PATCH", "/v1/items/{id}", body: "item")])
        visit.unary("DeleteItem", deleteItem, routes: [RPCRoute("DELETE", "/v1/items/{id}")])
        visit.streaming("Watch", watch, kind: .serverStreaming)
        visit.streaming("Upload", upload, kind: .clientStreaming)
        visit.streaming("Exchange", exchange, kind: .bidirectional)
        visit.unary("Init", initMethod)
        visit.unary("Channel", channel)
        visit.unary("Import", `import`)
    }
}

/// Keeps things.
public struct ItemsClient<Channel: RPCChannel>: Sendable {
    public let channel: Channel

    public init(_ channel: Channel) { self.channel = channel }

    @inlinable
    public func getItem(_ request: ItemQuery) async throws -> Item {
        try await channel.unary("/martlet.calls.Items/GetItem", request, as: Item.self)
    }

    @inlinable
    public func listItems(_ request: ItemQuery) async throws -> ItemList {
        try await channel.unary("/martlet.calls.Items/ListItems", request, as: ItemList.self)
    }

    /// Takes the whole body.
    @inlinable
    public func putItem(_ request: Item) async throws -> Item {
        try await channel.unary("/martlet.calls.Items/PutItem", request, as: Item.self)
    }

    /// Takes a part of the request as the body.
    @inlinable
    public func updateItem(_ request: ItemUpdate) async throws -> ItemUpdate {
        try await channel.unary("/martlet.calls.Items/UpdateItem", request, as: ItemUpdate.self)
    }

    @inlinable
    public func deleteItem(_ request: ItemQuery) async throws -> Empty {
        try await channel.unary("/martlet.calls.Items/DeleteItem", request, as: Empty.self)
    }

    @inlinable
    public func watch<Result: Sendable>(
        _ request: ItemQuery,
        _ body: (MessageSource<Item>) async throws -> Result
    ) async throws -> Result {
        try await channel.serverStreaming("/martlet.calls.Items/Watch", request, as: Item.self, body)
    }

    @inlinable
    public func upload(_ body: (RequestSink<Item>) async throws -> Void) async throws -> ItemList {
        try await channel.clientStreaming("/martlet.calls.Items/Upload", Item.self, as: ItemList.self, body)
    }

    @inlinable
    public func exchange<Result: Sendable>(
        _ body: (RPCCall<Item, Item>) async throws -> Result
    ) async throws -> Result {
        try await channel.streaming("/martlet.calls.Items/Exchange", kind: .bidirectional, Item.self, Item.self, body)
    }

    @inlinable
    public func initMethod(_ request: Empty) async throws -> Empty {
        try await channel.unary("/martlet.calls.Items/Init", request, as: Empty.self)
    }

    @inlinable
    public func channelMethod(_ request: Empty) async throws -> Empty {
        try await channel.unary("/martlet.calls.Items/Channel", request, as: Empty.self)
    }

    /// Deprecated.
    @inlinable
    public func `import`(_ request: Empty) async throws -> Empty {
        try await channel.unary("/martlet.calls.Items/Import", request, as: Empty.self)
    }
}

public protocol Nothing2Methods: Sendable {}

public struct Nothing2: RPCService {
    public static let serviceName = "martlet.calls.Nothing2"
    public static var schema: SchemaFile? { .calls }

    /// An endpoint for each method.
    public init(_ methods: some Nothing2Methods) {}

    @inlinable
    public func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {}
}

public struct Nothing2Client<Channel: RPCChannel>: Sendable {
    public let channel: Channel

    public init(_ channel: Channel) { self.channel = channel }
}

extension SchemaFile {
    /// `calls.proto`
    public static let calls = SchemaFile(
        name: "calls.proto",
        base64: """
            CgtjYWxscy5wcm90bxINbWFydGxldC5jYWxscxocZ29vZ2xlL2FwaS9hbm5vdGF0aW9ucy5wcm90bxobZ29vZ2xlL3Byb3RvYnVm\
            L2VtcHR5LnByb3RvGgtuYW1lcy5wcm90byKXAgoESXRlbRIOCgJpZBgBIAEoCVICaWQSEgoEbmFtZRgCIAEoCVIEbmFtZRIUCgVj\
            b3VudBgDIAEoA1IFY291bnQSEgoEdGFncxgEIAMoCVIEdGFncxIqCgVwbGFjZRgFIAEoCzIULm1hcnRsZXQuY2FsbHMuUGxhY2VS\
            BXBsYWNlEhgKB2ZyYWdpbGUYBiABKAhSB2ZyYWdpbGUSKgoFbGV2ZWwYByABKA4yFC5tYXJ0bGV0Lm5hbWVzLmxldmVsUgVsZXZl\
            bBIWCgZ3ZWlnaHQYCCABKAFSBndlaWdodBISCgRzZWFsGAkgASgMUgRzZWFsEhkKBXNoZWxmGAogASgNSABSBXNoZWxmiAEBQggK\
            Bl9zaGVsZiItCgVQbGFjZRISCgRyb29tGAEgASgJUgRyb29tEhAKA3JvdxgCIAEoBVIDcm93IrcBCglJdGVtUXVlcnkSDgoCaWQY\
            ASABKAlSAmlkEioKBXBsYWNlGAIgASgLMhQubWFydGxldC5jYWxscy5QbGFjZVIFcGxhY2USFAoFbGltaXQYAyABKAVSBWxpbWl0\
            EhIKBHRhZ3MYBCADKAlSBHRhZ3MSGAoHZnJhZ2lsZRgFIAEoCFIHZnJhZ2lsZRIqCgVsZXZlbBgGIAEoDjIULm1hcnRsZXQubmFt\
            ZXMubGV2ZWxSBWxldmVsIlcKCkl0ZW1VcGRhdGUSDgoCaWQYASABKAlSAmlkEicKBGl0ZW0YAiABKAsyEy5tYXJ0bGV0LmNhbGxz\
            Lkl0ZW1SBGl0ZW0SEAoDZHJ5GAMgASgIUgNkcnkiNQoISXRlbUxpc3QSKQoFaXRlbXMYASADKAsyEy5tYXJ0bGV0LmNhbGxzLkl0\
            ZW1SBWl0ZW1zMrsGCgVJdGVtcxJ1CgdHZXRJdGVtEhgubWFydGxldC5jYWxscy5JdGVtUXVlcnkaEy5tYXJ0bGV0LmNhbGxzLkl0\
            ZW0iO4LT5JMCNRIOL3YxL2l0ZW1zL3tpZH1aIxIhL3YxL3Jvb21zL3twbGFjZS5yb29tfS9pdGVtcy97aWR9ElEKCUxpc3RJdGVt\
            cxIYLm1hcnRsZXQuY2FsbHMuSXRlbVF1ZXJ5GhcubWFydGxldC5jYWxscy5JdGVtTGlzdCIRgtPkkwILEgkvdjEvaXRlbXMSTgoH\
            UHV0SXRlbRITLm1hcnRsZXQuY2FsbHMuSXRlbRoTLm1hcnRsZXQuY2FsbHMuSXRlbSIZgtPkkwITGg4vdjEvaXRlbXMve2lkfToB\
            KhJgCgpVcGRhdGVJdGVtEhkubWFydGxldC5jYWxscy5JdGVtVXBkYXRlGhkubWFydGxldC5jYWxscy5JdGVtVXBkYXRlIhyC0+ST\
            AhYyDi92MS9pdGVtcy97aWR9OgRpdGVtElYKCkRlbGV0ZUl0ZW0SGC5tYXJ0bGV0LmNhbGxzLkl0ZW1RdWVyeRoWLmdvb2dsZS5w\
            cm90b2J1Zi5FbXB0eSIWgtPkkwIQKg4vdjEvaXRlbXMve2lkfRI4CgVXYXRjaBIYLm1hcnRsZXQuY2FsbHMuSXRlbVF1ZXJ5GhMu\
            bWFydGxldC5jYWxscy5JdGVtMAESOAoGVXBsb2FkEhMubWFydGxldC5jYWxscy5JdGVtGhcubWFydGxldC5jYWxscy5JdGVtTGlz\
            dCgBEjgKCEV4Y2hhbmdlEhMubWFydGxldC5jYWxscy5JdGVtGhMubWFydGxldC5jYWxscy5JdGVtKAEwARI2CgRJbml0EhYuZ29v\
            Z2xlLnByb3RvYnVmLkVtcHR5GhYuZ29vZ2xlLnByb3RvYnVmLkVtcHR5EjkKB0NoYW5uZWwSFi5nb29nbGUucHJvdG9idWYuRW1w\
            dHkaFi5nb29nbGUucHJvdG9idWYuRW1wdHkSPQoGSW1wb3J0EhYuZ29vZ2xlLnByb3RvYnVmLkVtcHR5GhYuZ29vZ2xlLnByb3Rv\
            YnVmLkVtcHR5IgOIAgEyCgoITm90aGluZzJiBnByb3RvMw==
            """,
        imports: [
            .importedGoogleAPIAnnotations,
            .importedGoogleProtobufEmpty,
            .names,
        ])

    private static let importedGoogleAPIAnnotations = SchemaFile(
        name: "google/api/annotations.proto",
        base64: """
            Chxnb29nbGUvYXBpL2Fubm90YXRpb25zLnByb3RvEgpnb29nbGUuYXBpGhVnb29nbGUvYXBpL2h0dHAucHJvdG8aIGdvb2dsZS9w\
            cm90b2J1Zi9kZXNjcmlwdG9yLnByb3RvOksKBGh0dHASHi5nb29nbGUucHJvdG9idWYuTWV0aG9kT3B0aW9ucxiwyrwiIAEoCzIU\
            Lmdvb2dsZS5hcGkuSHR0cFJ1bGVSBGh0dHBiBnByb3RvMw==
            """,
        imports: [
            .importedGoogleAPIHTTP,
            .importedGoogleProtobufDescriptor,
        ])

    private static let importedGoogleAPIHTTP = SchemaFile(
        name: "google/api/http.proto",
        base64: """
            ChVnb29nbGUvYXBpL2h0dHAucHJvdG8SCmdvb2dsZS5hcGki2gIKCEh0dHBSdWxlEhoKCHNlbGVjdG9yGAEgASgJUghzZWxlY3Rv\
            chISCgNnZXQYAiABKAlIAFIDZ2V0EhIKA3B1dBgDIAEoCUgAUgNwdXQSFAoEcG9zdBgEIAEoCUgAUgRwb3N0EhgKBmRlbGV0ZRgF\
            IAEoCUgAUgZkZWxldGUSFgoFcGF0Y2gYBiABKAlIAFIFcGF0Y2gSNwoGY3VzdG9tGAggASgLMh0uZ29vZ2xlLmFwaS5DdXN0b21I\
            dHRwUGF0dGVybkgAUgZjdXN0b20SEgoEYm9keRgHIAEoCVIEYm9keRIjCg1yZXNwb25zZV9ib2R5GAwgASgJUgxyZXNwb25zZUJv\
            ZHkSRQoTYWRkaXRpb25hbF9iaW5kaW5ncxgLIAMoCzIULmdvb2dsZS5hcGkuSHR0cFJ1bGVSEmFkZGl0aW9uYWxCaW5kaW5nc0IJ\
            CgdwYXR0ZXJuIjsKEUN1c3RvbUh0dHBQYXR0ZXJuEhIKBGtpbmQYASABKAlSBGtpbmQSEgoEcGF0aBgCIAEoCVIEcGF0aGIGcHJv\
            dG8z
            """)

    private static let importedGoogleProtobufDescriptor = SchemaFile(
        name: "google/protobuf/descriptor.proto",
        base64: """
            CiBnb29nbGUvcHJvdG9idWYvZGVzY3JpcHRvci5wcm90bxIPZ29vZ2xlLnByb3RvYnVmIk0KEUZpbGVEZXNjcmlwdG9yU2V0EjgK\
            BGZpbGUYASADKAsyJC5nb29nbGUucHJvdG9idWYuRmlsZURlc2NyaXB0b3JQcm90b1IEZmlsZSLkBAoTRmlsZURlc2NyaXB0b3JQ\
            cm90bxISCgRuYW1lGAEgASgJUgRuYW1lEhgKB3BhY2thZ2UYAiABKAlSB3BhY2thZ2USHgoKZGVwZW5kZW5jeRgDIAMoCVIKZGVw\
            ZW5kZW5jeRIrChFwdWJsaWNfZGVwZW5kZW5jeRgKIAMoBVIQcHVibGljRGVwZW5kZW5jeRInCg93ZWFrX2RlcGVuZGVuY3kYCyAD\
            KAVSDndlYWtEZXBlbmRlbmN5EkMKDG1lc3NhZ2VfdHlwZRgEIAMoCzIgLmdvb2dsZS5wcm90b2J1Zi5EZXNjcmlwdG9yUHJvdG9S\
            C21lc3NhZ2VUeXBlEkEKCWVudW1fdHlwZRgFIAMoCzIkLmdvb2dsZS5wcm90b2J1Zi5FbnVtRGVzY3JpcHRvclByb3RvUghlbnVt\
            VHlwZRJBCgdzZXJ2aWNlGAYgAygLMicuZ29vZ2xlLnByb3RvYnVmLlNlcnZpY2VEZXNjcmlwdG9yUHJvdG9SB3NlcnZpY2USQwoJ\
            ZXh0ZW5zaW9uGAcgAygLMiUuZ29vZ2xlLnByb3RvYnVmLkZpZWxkRGVzY3JpcHRvclByb3RvUglleHRlbnNpb24SNgoHb3B0aW9u\
            cxgIIAEoCzIcLmdvb2dsZS5wcm90b2J1Zi5GaWxlT3B0aW9uc1IHb3B0aW9ucxJJChBzb3VyY2VfY29kZV9pbmZvGAkgASgLMh8u\
            Z29vZ2xlLnByb3RvYnVmLlNvdXJjZUNvZGVJbmZvUg5zb3VyY2VDb2RlSW5mbxIWCgZzeW50YXgYDCABKAlSBnN5bnRheCK5BgoP\
            RGVzY3JpcHRvclByb3RvEhIKBG5hbWUYASABKAlSBG5hbWUSOwoFZmllbGQYAiADKAsyJS5nb29nbGUucHJvdG9idWYuRmllbGRE\
            ZXNjcmlwdG9yUHJvdG9SBWZpZWxkEkMKCWV4dGVuc2lvbhgGIAMoCzIlLmdvb2dsZS5wcm90b2J1Zi5GaWVsZERlc2NyaXB0b3JQ\
            cm90b1IJZXh0ZW5zaW9uEkEKC25lc3RlZF90eXBlGAMgAygLMiAuZ29vZ2xlLnByb3RvYnVmLkRlc2NyaXB0b3JQcm90b1IKbmVz\
            dGVkVHlwZRJBCgllbnVtX3R5cGUYBCADKAsyJC5nb29nbGUucHJvdG9idWYuRW51bURlc2NyaXB0b3JQcm90b1IIZW51bVR5cGUS\
            WAoPZXh0ZW5zaW9uX3JhbmdlGAUgAygLMi8uZ29vZ2xlLnByb3RvYnVmLkRlc2NyaXB0b3JQcm90by5FeHRlbnNpb25SYW5nZVIO\
            ZXh0ZW5zaW9uUmFuZ2USRAoKb25lb2ZfZGVjbBgIIAMoCzIlLmdvb2dsZS5wcm90b2J1Zi5PbmVvZkRlc2NyaXB0b3JQcm90b1IJ\
            b25lb2ZEZWNsEjkKB29wdGlvbnMYByABKAsyHy5nb29nbGUucHJvdG9idWYuTWVzc2FnZU9wdGlvbnNSB29wdGlvbnMSVQoOcmVz\
            ZXJ2ZWRfcmFuZ2UYCSADKAsyLi5nb29nbGUucHJvdG9idWYuRGVzY3JpcHRvclByb3RvLlJlc2VydmVkUmFuZ2VSDXJlc2VydmVk\
            UmFuZ2USIwoNcmVzZXJ2ZWRfbmFtZRgKIAMoCVIMcmVzZXJ2ZWROYW1lGnoKDkV4dGVuc2lvblJhbmdlEhQKBXN0YXJ0GAEgASgF\
            UgVzdGFydBIQCgNlbmQYAiABKAVSA2VuZBJACgdvcHRpb25zGAMgASgLMiYuZ29vZ2xlLnByb3RvYnVmLkV4dGVuc2lvblJhbmdl\
            T3B0aW9uc1IHb3B0aW9ucxo3Cg1SZXNlcnZlZFJhbmdlEhQKBXN0YXJ0GAEgASgFUgVzdGFydBIQCgNlbmQYAiABKAVSA2VuZCJ8\
            ChVFeHRlbnNpb25SYW5nZU9wdGlvbnMSWAoUdW5pbnRlcnByZXRlZF9vcHRpb24Y5wcgAygLMiQuZ29vZ2xlLnByb3RvYnVmLlVu\
            aW50ZXJwcmV0ZWRPcHRpb25SE3VuaW50ZXJwcmV0ZWRPcHRpb24qCQjoBxCAgICAAiLBBgoURmllbGREZXNjcmlwdG9yUHJvdG8S\
            EgoEbmFtZRgBIAEoCVIEbmFtZRIWCgZudW1iZXIYAyABKAVSBm51bWJlchJBCgVsYWJlbBgEIAEoDjIrLmdvb2dsZS5wcm90b2J1\
            Zi5GaWVsZERlc2NyaXB0b3JQcm90by5MYWJlbFIFbGFiZWwSPgoEdHlwZRgFIAEoDjIqLmdvb2dsZS5wcm90b2J1Zi5GaWVsZERl\
            c2NyaXB0b3JQcm90by5UeXBlUgR0eXBlEhsKCXR5cGVfbmFtZRgGIAEoCVIIdHlwZU5hbWUSGgoIZXh0ZW5kZWUYAiABKAlSCGV4\
            dGVuZGVlEiMKDWRlZmF1bHRfdmFsdWUYByABKAlSDGRlZmF1bHRWYWx1ZRIfCgtvbmVvZl9pbmRleBgJIAEoBVIKb25lb2ZJbmRl\
            eBIbCglqc29uX25hbWUYCiABKAlSCGpzb25OYW1lEjcKB29wdGlvbnMYCCABKAsyHS5nb29nbGUucHJvdG9idWYuRmllbGRPcHRp\
            b25zUgdvcHRpb25zEicKD3Byb3RvM19vcHRpb25hbBgRIAEoCFIOcHJvdG8zT3B0aW9uYWwitgIKBFR5cGUSDwoLVFlQRV9ET1VC\
            TEUQARIOCgpUWVBFX0ZMT0FUEAISDgoKVFlQRV9JTlQ2NBADEg8KC1RZUEVfVUlOVDY0EAQSDgoKVFlQRV9JTlQzMhAFEhAKDFRZ\
            UEVfRklYRUQ2NBAGEhAKDFRZUEVfRklYRUQzMhAHEg0KCVRZUEVfQk9PTBAIEg8KC1RZUEVfU1RSSU5HEAkSDgoKVFlQRV9HUk9V\
            UBAKEhAKDFRZUEVfTUVTU0FHRRALEg4KClRZUEVfQllURVMQDBIPCgtUWVBFX1VJTlQzMhANEg0KCVRZUEVfRU5VTRAOEhEKDVRZ\
            UEVfU0ZJWEVEMzIQDxIRCg1UWVBFX1NGSVhFRDY0EBASDwoLVFlQRV9TSU5UMzIQERIPCgtUWVBFX1NJTlQ2NBASIkMKBUxhYmVs\
            EhIKDkxBQkVMX09QVElPTkFMEAESEgoOTEFCRUxfUkVRVUlSRUQQAhISCg5MQUJFTF9SRVBFQVRFRBADImMKFE9uZW9mRGVzY3Jp\
            cHRvclByb3RvEhIKBG5hbWUYASABKAlSBG5hbWUSNwoHb3B0aW9ucxgCIAEoCzIdLmdvb2dsZS5wcm90b2J1Zi5PbmVvZk9wdGlv\
            bnNSB29wdGlvbnMi4wIKE0VudW1EZXNjcmlwdG9yUHJvdG8SEgoEbmFtZRgBIAEoCVIEbmFtZRI/CgV2YWx1ZRgCIAMoCzIpLmdv\
            b2dsZS5wcm90b2J1Zi5FbnVtVmFsdWVEZXNjcmlwdG9yUHJvdG9SBXZhbHVlEjYKB29wdGlvbnMYAyABKAsyHC5nb29nbGUucHJv\
            dG9idWYuRW51bU9wdGlvbnNSB29wdGlvbnMSXQoOcmVzZXJ2ZWRfcmFuZ2UYBCADKAsyNi5nb29nbGUucHJvdG9idWYuRW51bURl\
            c2NyaXB0b3JQcm90by5FbnVtUmVzZXJ2ZWRSYW5nZVINcmVzZXJ2ZWRSYW5nZRIjCg1yZXNlcnZlZF9uYW1lGAUgAygJUgxyZXNl\
            cnZlZE5hbWUaOwoRRW51bVJlc2VydmVkUmFuZ2USFAoFc3RhcnQYASABKAVSBXN0YXJ0EhAKA2VuZBgCIAEoBVIDZW5kIoMBChhF\
            bnVtVmFsdWVEZXNjcmlwdG9yUHJvdG8SEgoEbmFtZRgBIAEoCVIEbmFtZRIWCgZudW1iZXIYAiABKAVSBm51bWJlchI7CgdvcHRp\
            b25zGAMgASgLMiEuZ29vZ2xlLnByb3RvYnVmLkVudW1WYWx1ZU9wdGlvbnNSB29wdGlvbnMipwEKFlNlcnZpY2VEZXNjcmlwdG9y\
            UHJvdG8SEgoEbmFtZRgBIAEoCVIEbmFtZRI+CgZtZXRob2QYAiADKAsyJi5nb29nbGUucHJvdG9idWYuTWV0aG9kRGVzY3JpcHRv\
            clByb3RvUgZtZXRob2QSOQoHb3B0aW9ucxgDIAEoCzIfLmdvb2dsZS5wcm90b2J1Zi5TZXJ2aWNlT3B0aW9uc1IHb3B0aW9ucyKJ\
            AgoVTWV0aG9kRGVzY3JpcHRvclByb3RvEhIKBG5hbWUYASABKAlSBG5hbWUSHQoKaW5wdXRfdHlwZRgCIAEoCVIJaW5wdXRUeXBl\
            Eh8KC291dHB1dF90eXBlGAMgASgJUgpvdXRwdXRUeXBlEjgKB29wdGlvbnMYBCABKAsyHi5nb29nbGUucHJvdG9idWYuTWV0aG9k\
            T3B0aW9uc1IHb3B0aW9ucxIwChBjbGllbnRfc3RyZWFtaW5nGAUgASgIOgVmYWxzZVIPY2xpZW50U3RyZWFtaW5nEjAKEHNlcnZl\
            cl9zdHJlYW1pbmcYBiABKAg6BWZhbHNlUg9zZXJ2ZXJTdHJlYW1pbmcikQkKC0ZpbGVPcHRpb25zEiEKDGphdmFfcGFja2FnZRgB\
            IAEoCVILamF2YVBhY2thZ2USMAoUamF2YV9vdXRlcl9jbGFzc25hbWUYCCABKAlSEmphdmFPdXRlckNsYXNzbmFtZRI1ChNqYXZh\
            X211bHRpcGxlX2ZpbGVzGAogASgIOgVmYWxzZVIRamF2YU11bHRpcGxlRmlsZXMSRAodamF2YV9nZW5lcmF0ZV9lcXVhbHNfYW5k\
            X2hhc2gYFCABKAhCAhgBUhlqYXZhR2VuZXJhdGVFcXVhbHNBbmRIYXNoEjoKFmphdmFfc3RyaW5nX2NoZWNrX3V0ZjgYGyABKAg6\
            BWZhbHNlUhNqYXZhU3RyaW5nQ2hlY2tVdGY4ElMKDG9wdGltaXplX2ZvchgJIAEoDjIpLmdvb2dsZS5wcm90b2J1Zi5GaWxlT3B0\
            aW9ucy5PcHRpbWl6ZU1vZGU6BVNQRUVEUgtvcHRpbWl6ZUZvchIdCgpnb19wYWNrYWdlGAsgASgJUglnb1BhY2thZ2USNQoTY2Nf\
            Z2VuZXJpY19zZXJ2aWNlcxgQIAEoCDoFZmFsc2VSEWNjR2VuZXJpY1NlcnZpY2VzEjkKFWphdmFfZ2VuZXJpY19zZXJ2aWNlcxgR\
            IAEoCDoFZmFsc2VSE2phdmFHZW5lcmljU2VydmljZXMSNQoTcHlfZ2VuZXJpY19zZXJ2aWNlcxgSIAEoCDoFZmFsc2VSEXB5R2Vu\
            ZXJpY1NlcnZpY2VzEjcKFHBocF9nZW5lcmljX3NlcnZpY2VzGCogASgIOgVmYWxzZVIScGhwR2VuZXJpY1NlcnZpY2VzEiUKCmRl\
            cHJlY2F0ZWQYFyABKAg6BWZhbHNlUgpkZXByZWNhdGVkEi4KEGNjX2VuYWJsZV9hcmVuYXMYHyABKAg6BHRydWVSDmNjRW5hYmxl\
            QXJlbmFzEioKEW9iamNfY2xhc3NfcHJlZml4GCQgASgJUg9vYmpjQ2xhc3NQcmVmaXgSKQoQY3NoYXJwX25hbWVzcGFjZRglIAEo\
            CVIPY3NoYXJwTmFtZXNwYWNlEiEKDHN3aWZ0X3ByZWZpeBgnIAEoCVILc3dpZnRQcmVmaXgSKAoQcGhwX2NsYXNzX3ByZWZpeBgo\
            IAEoCVIOcGhwQ2xhc3NQcmVmaXgSIwoNcGhwX25hbWVzcGFjZRgpIAEoCVIMcGhwTmFtZXNwYWNlEjQKFnBocF9tZXRhZGF0YV9u\
            YW1lc3BhY2UYLCABKAlSFHBocE1ldGFkYXRhTmFtZXNwYWNlEiEKDHJ1YnlfcGFja2FnZRgtIAEoCVILcnVieVBhY2thZ2USWAoU\
            dW5pbnRlcnByZXRlZF9vcHRpb24Y5wcgAygLMiQuZ29vZ2xlLnByb3RvYnVmLlVuaW50ZXJwcmV0ZWRPcHRpb25SE3VuaW50ZXJw\
            cmV0ZWRPcHRpb24iOgoMT3B0aW1pemVNb2RlEgkKBVNQRUVEEAESDQoJQ09ERV9TSVpFEAISEAoMTElURV9SVU5USU1FEAMqCQjo\
            BxCAgICAAkoECCYQJyLjAgoOTWVzc2FnZU9wdGlvbnMSPAoXbWVzc2FnZV9zZXRfd2lyZV9mb3JtYXQYASABKAg6BWZhbHNlUhRt\
            ZXNzYWdlU2V0V2lyZUZvcm1hdBJMCh9ub19zdGFuZGFyZF9kZXNjcmlwdG9yX2FjY2Vzc29yGAIgASgIOgVmYWxzZVIcbm9TdGFu\
            ZGFyZERlc2NyaXB0b3JBY2Nlc3NvchIlCgpkZXByZWNhdGVkGAMgASgIOgVmYWxzZVIKZGVwcmVjYXRlZBIbCgltYXBfZW50cnkY\
            ByABKAhSCG1hcEVudHJ5ElgKFHVuaW50ZXJwcmV0ZWRfb3B0aW9uGOcHIAMoCzIkLmdvb2dsZS5wcm90b2J1Zi5VbmludGVycHJl\
            dGVkT3B0aW9uUhN1bmludGVycHJldGVkT3B0aW9uKgkI6AcQgICAgAJKBAgEEAVKBAgFEAZKBAgGEAdKBAgIEAlKBAgJEAoikgQK\
            DEZpZWxkT3B0aW9ucxJBCgVjdHlwZRgBIAEoDjIjLmdvb2dsZS5wcm90b2J1Zi5GaWVsZE9wdGlvbnMuQ1R5cGU6BlNUUklOR1IF\
            Y3R5cGUSFgoGcGFja2VkGAIgASgIUgZwYWNrZWQSRwoGanN0eXBlGAYgASgOMiQuZ29vZ2xlLnByb3RvYnVmLkZpZWxkT3B0aW9u\
            cy5KU1R5cGU6CUpTX05PUk1BTFIGanN0eXBlEhkKBGxhenkYBSABKAg6BWZhbHNlUgRsYXp5Ei4KD3VudmVyaWZpZWRfbGF6eRgP\
            IAEoCDoFZmFsc2VSDnVudmVyaWZpZWRMYXp5EiUKCmRlcHJlY2F0ZWQYAyABKAg6BWZhbHNlUgpkZXByZWNhdGVkEhkKBHdlYWsY\
            CiABKAg6BWZhbHNlUgR3ZWFrElgKFHVuaW50ZXJwcmV0ZWRfb3B0aW9uGOcHIAMoCzIkLmdvb2dsZS5wcm90b2J1Zi5VbmludGVy\
            cHJldGVkT3B0aW9uUhN1bmludGVycHJldGVkT3B0aW9uIi8KBUNUeXBlEgoKBlNUUklORxAAEggKBENPUkQQARIQCgxTVFJJTkdf\
            UElFQ0UQAiI1CgZKU1R5cGUSDQoJSlNfTk9STUFMEAASDQoJSlNfU1RSSU5HEAESDQoJSlNfTlVNQkVSEAIqCQjoBxCAgICAAkoE\
            CAQQBSJzCgxPbmVvZk9wdGlvbnMSWAoUdW5pbnRlcnByZXRlZF9vcHRpb24Y5wcgAygLMiQuZ29vZ2xlLnByb3RvYnVmLlVuaW50\
            ZXJwcmV0ZWRPcHRpb25SE3VuaW50ZXJwcmV0ZWRPcHRpb24qCQjoBxCAgICAAiLAAQoLRW51bU9wdGlvbnMSHwoLYWxsb3dfYWxp\
            YXMYAiABKAhSCmFsbG93QWxpYXMSJQoKZGVwcmVjYXRlZBgDIAEoCDoFZmFsc2VSCmRlcHJlY2F0ZWQSWAoUdW5pbnRlcnByZXRl\
            ZF9vcHRpb24Y5wcgAygLMiQuZ29vZ2xlLnByb3RvYnVmLlVuaW50ZXJwcmV0ZWRPcHRpb25SE3VuaW50ZXJwcmV0ZWRPcHRpb24q\
            CQjoBxCAgICAAkoECAUQBiKeAQoQRW51bVZhbHVlT3B0aW9ucxIlCgpkZXByZWNhdGVkGAEgASgIOgVmYWxzZVIKZGVwcmVjYXRl\
            ZBJYChR1bmludGVycHJldGVkX29wdGlvbhjnByADKAsyJC5nb29nbGUucHJvdG9idWYuVW5pbnRlcnByZXRlZE9wdGlvblITdW5p\
            bnRlcnByZXRlZE9wdGlvbioJCOgHEICAgIACIpwBCg5TZXJ2aWNlT3B0aW9ucxIlCgpkZXByZWNhdGVkGCEgASgIOgVmYWxzZVIK\
            ZGVwcmVjYXRlZBJYChR1bmludGVycHJldGVkX29wdGlvbhjnByADKAsyJC5nb29nbGUucHJvdG9idWYuVW5pbnRlcnByZXRlZE9w\
            dGlvblITdW5pbnRlcnByZXRlZE9wdGlvbioJCOgHEICAgIACIuACCg1NZXRob2RPcHRpb25zEiUKCmRlcHJlY2F0ZWQYISABKAg6\
            BWZhbHNlUgpkZXByZWNhdGVkEnEKEWlkZW1wb3RlbmN5X2xldmVsGCIgASgOMi8uZ29vZ2xlLnByb3RvYnVmLk1ldGhvZE9wdGlv\
            bnMuSWRlbXBvdGVuY3lMZXZlbDoTSURFTVBPVEVOQ1lfVU5LTk9XTlIQaWRlbXBvdGVuY3lMZXZlbBJYChR1bmludGVycHJldGVk\
            X29wdGlvbhjnByADKAsyJC5nb29nbGUucHJvdG9idWYuVW5pbnRlcnByZXRlZE9wdGlvblITdW5pbnRlcnByZXRlZE9wdGlvbiJQ\
            ChBJZGVtcG90ZW5jeUxldmVsEhcKE0lERU1QT1RFTkNZX1VOS05PV04QABITCg9OT19TSURFX0VGRkVDVFMQARIOCgpJREVNUE9U\
            RU5UEAIqCQjoBxCAgICAAiKaAwoTVW5pbnRlcnByZXRlZE9wdGlvbhJBCgRuYW1lGAIgAygLMi0uZ29vZ2xlLnByb3RvYnVmLlVu\
            aW50ZXJwcmV0ZWRPcHRpb24uTmFtZVBhcnRSBG5hbWUSKQoQaWRlbnRpZmllcl92YWx1ZRgDIAEoCVIPaWRlbnRpZmllclZhbHVl\
            EiwKEnBvc2l0aXZlX2ludF92YWx1ZRgEIAEoBFIQcG9zaXRpdmVJbnRWYWx1ZRIsChJuZWdhdGl2ZV9pbnRfdmFsdWUYBSABKANS\
            EG5lZ2F0aXZlSW50VmFsdWUSIQoMZG91YmxlX3ZhbHVlGAYgASgBUgtkb3VibGVWYWx1ZRIhCgxzdHJpbmdfdmFsdWUYByABKAxS\
            C3N0cmluZ1ZhbHVlEicKD2FnZ3JlZ2F0ZV92YWx1ZRgIIAEoCVIOYWdncmVnYXRlVmFsdWUaSgoITmFtZVBhcnQSGwoJbmFtZV9w\
            YXJ0GAEgAigJUghuYW1lUGFydBIhCgxpc19leHRlbnNpb24YAiACKAhSC2lzRXh0ZW5zaW9uIqcCCg5Tb3VyY2VDb2RlSW5mbxJE\
            Cghsb2NhdGlvbhgBIAMoCzIoLmdvb2dsZS5wcm90b2J1Zi5Tb3VyY2VDb2RlSW5mby5Mb2NhdGlvblIIbG9jYXRpb24azgEKCExv\
            Y2F0aW9uEhYKBHBhdGgYASADKAVCAhABUgRwYXRoEhYKBHNwYW4YAiADKAVCAhABUgRzcGFuEikKEGxlYWRpbmdfY29tbWVudHMY\
            AyABKAlSD2xlYWRpbmdDb21tZW50cxIrChF0cmFpbGluZ19jb21tZW50cxgEIAEoCVIQdHJhaWxpbmdDb21tZW50cxI6ChlsZWFk\
            aW5nX2RldGFjaGVkX2NvbW1lbnRzGAYgAygJUhdsZWFkaW5nRGV0YWNoZWRDb21tZW50cyLRAQoRR2VuZXJhdGVkQ29kZUluZm8S\
            TQoKYW5ub3RhdGlvbhgBIAMoCzItLmdvb2dsZS5wcm90b2J1Zi5HZW5lcmF0ZWRDb2RlSW5mby5Bbm5vdGF0aW9uUgphbm5vdGF0\
            aW9uGm0KCkFubm90YXRpb24SFgoEcGF0aBgBIAMoBUICEAFSBHBhdGgSHwoLc291cmNlX2ZpbGUYAiABKAlSCnNvdXJjZUZpbGUS\
            FAoFYmVnaW4YAyABKAVSBWJlZ2luEhAKA2VuZBgEIAEoBVIDZW5kQn4KE2NvbS5nb29nbGUucHJvdG9idWZCEERlc2NyaXB0b3JQ\
            cm90b3NIAVotZ29vZ2xlLmdvbGFuZy5vcmcvcHJvdG9idWYvdHlwZXMvZGVzY3JpcHRvcnBi+AEBogIDR1BCqgIaR29vZ2xlLlBy\
            b3RvYnVmLlJlZmxlY3Rpb24=
            """)

    private static let importedGoogleProtobufEmpty = SchemaFile(
        name: "google/protobuf/empty.proto",
        base64: """
            Chtnb29nbGUvcHJvdG9idWYvZW1wdHkucHJvdG8SD2dvb2dsZS5wcm90b2J1ZiIHCgVFbXB0eUJ9ChNjb20uZ29vZ2xlLnByb3Rv\
            YnVmQgpFbXB0eVByb3RvUAFaLmdvb2dsZS5nb2xhbmcub3JnL3Byb3RvYnVmL3R5cGVzL2tub3duL2VtcHR5cGL4AQGiAgNHUEKq\
            Ah5Hb29nbGUuUHJvdG9idWYuV2VsbEtub3duVHlwZXNiBnByb3RvMw==
            """)
}
