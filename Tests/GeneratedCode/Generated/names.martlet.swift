// Written by protoc-gen-martlet from names.proto. Change that, and generate anew.

public import MartletWire

/// Aliases, negative numbers, and values that have their own names.
public struct Level: MessageEnum, Hashable {
    public static let enumName = "martlet.names.level"

    public static let none = Level(number: 0)
    public static let low = Level(number: 1)
    public static let small = Level(number: 1)
    /// Below everything.
    public static let belowZero = Level(number: -1)
    /// Deprecated.
    public static let old = Level(number: 7)

    /// One that the schema has no name for is kept as it is.
    public var number: Int32

    @inlinable
    public init(number: Int32) { self.number = number }

    public static var fieldDefault: Level { Level(number: 0) }

    public var name: String? {
        switch number {
        case 0: "NONE"
        case 1: "LOW"
        case -1: "BELOW_ZERO"
        case 7: "old"
        default: nil
        }
    }

    public init?(name: String) {
        switch name {
        case "NONE": number = 0
        case "LOW": number = 1
        case "SMALL": number = 1
        case "BELOW_ZERO": number = -1
        case "old": number = 7
        default: return nil
        }
    }
}

/// A message with the name of a type that every other message is made of.
public struct StringMessage: Message, Hashable {
    public static let messageName = "martlet.names.String"

    public var value: String = ""
    /// A struct cannot hold itself, an array of at most one can: ``string``.
    @usableFromInline var stringStorage: [StringMessage] = []
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(value: String = "", string: StringMessage? = nil) {
        self.value = value
        self.string = string
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "value", &value)
        visit.field(2, "string", &string)
        visit.unknownFields(&unknownFields)
    }

    /// A line of text that is so long that no format would let it stand if it were code, and which nevertheless has to come through as it is.
    @inlinable
    public var string: StringMessage? {
        get { self.stringStorage.first }
        _modify {
            var payload = self.stringStorage.popLast()
            defer { if let payload { self.stringStorage.append(payload) } }
            yield &payload
        }
    }
}

public struct TypeMessage: Message, Hashable {
    public static let messageName = "martlet.names.Type"

    public var type: TypeMessage.TypeEnum = .fieldDefault
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(type: TypeMessage.TypeEnum = .fieldDefault) {
        self.type = type
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "type", &type)
        visit.unknownFields(&unknownFields)
    }

    public struct TypeEnum: MessageEnum, Hashable {
        public static let enumName = "martlet.names.Type.Type"

        public static let typeUnspecified = TypeEnum(number: 0)
        public static let typeSelf = TypeEnum(number: 1)
        public static let typeInit = TypeEnum(number: 2)
        public static let typeDefault = TypeEnum(number: 3)
        public static let typeFieldDefault = TypeEnum(number: 4)
        public static let type2d = TypeEnum(number: 5)

        /// One that the schema has no name for is kept as it is.
        public var number: Int32

        @inlinable
        public init(number: Int32) { self.number = number }

        public static var fieldDefault: TypeEnum { TypeEnum(number: 0) }

        public var name: String? {
            switch number {
            case 0: "TYPE_UNSPECIFIED"
            case 1: "TYPE_SELF"
            case 2: "TYPE_INIT"
            case 3: "TYPE_DEFAULT"
            case 4: "TYPE_FIELD_DEFAULT"
            case 5: "TYPE_2D"
            default: nil
            }
        }

        public init?(name: String) {
            switch name {
            case "TYPE_UNSPECIFIED": number = 0
            case "TYPE_SELF": number = 1
            case "TYPE_INIT": number = 2
            case "TYPE_DEFAULT": number = 3
            case "TYPE_FIELD_DEFAULT": number = 4
            case "TYPE_2D": number = 5
            default: return nil
            }
        }
    }
}

public struct Keywords: Message, Hashable {
    public static let messageName = "martlet.names.Keywords"

    public var selfField: String = ""
    public var initField: String = ""
    public var type: String = ""
    public var description: String = ""
    public var `default`: String = ""
    public var `in`: String = ""
    public var `class`: String = ""
    public var visit: String = ""
    public var payload: String = ""
    public var newValue: String = ""
    public var hashValueField: String = ""
    public var hash: String = ""
    public var unknownFieldsField: String = ""
    public var visitFieldsField: String = ""
    public var isEmptyFieldField: String = ""
    public var leading: String = ""
    public var userID: String = ""
    public var url: String = ""
    public var httpStatus: String = ""
    public var _3d: String = ""
    public var `inout`: String = ""
    public var `nil`: String = ""
    public var messageName: String = ""
    public var some: String = ""
    public var choice: ChoiceOneof?
    public var keywords: KeywordsOneof?
    public var pick: Keywords.Choice = .fieldDefault
    public var odd: String = ""
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(
        selfField: String = "",
        initField: String = "",
        type: String = "",
        description: String = "",
        `default`: String = "",
        `in`: String = "",
        `class`: String = "",
        visit: String = "",
        payload: String = "",
        newValue: String = "",
        hashValueField: String = "",
        hash: String = "",
        unknownFieldsField: String = "",
        visitFieldsField: String = "",
        isEmptyFieldField: String = "",
        leading: String = "",
        userID: String = "",
        url: String = "",
        httpStatus: String = "",
        _3d: String = "",
        `inout`: String = "",
        `nil`: String = "",
        messageName: String = "",
        some: String = "",
        choice: ChoiceOneof? = nil,
        keywords: KeywordsOneof? = nil,
        pick: Keywords.Choice = .fieldDefault,
        odd: String = ""
    ) {
        self.selfField = selfField
        self.initField = initField
        self.type = type
        self.description = description
        self.`default` = `default`
        self.`in` = `in`
        self.`class` = `class`
        self.visit = visit
        self.payload = payload
        self.newValue = newValue
        self.hashValueField = hashValueField
        self.hash = hash
        self.unknownFieldsField = unknownFieldsField
        self.visitFieldsField = visitFieldsField
        self.isEmptyFieldField = isEmptyFieldField
        self.leading = leading
        self.userID = userID
        self.url = url
        self.httpStatus = httpStatus
        self._3d = _3d
        self.`inout` = `inout`
        self.`nil` = `nil`
        self.messageName = messageName
        self.some = some
        self.choice = choice
        self.keywords = keywords
        self.pick = pick
        self.odd = odd
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "self", &selfField)
        visit.field(2, "init", &initField)
        visit.field(3, "Type", &type)
        visit.field(4, "description", &description)
        visit.field(5, "default", &`default`)
        visit.field(6, "in", &`in`)
        visit.field(7, "class", &`class`)
        visit.field(8, "visit", &self.visit)
        visit.field(9, "payload", &payload)
        visit.field(10, "new_value", &newValue)
        visit.field(11, "hash_value", &hashValueField)
        visit.field(12, "hash", &hash)
        visit.field(13, "unknown_fields", &unknownFieldsField)
        visit.field(14, "visit_fields", &visitFieldsField)
        visit.field(15, "is_empty_field", &isEmptyFieldField)
        visit.field(16, "_leading", &leading)
        visit.field(17, "user_id", &userID)
        visit.field(18, "URL", &url)
        visit.field(19, "HTTPStatus", &httpStatus)
        visit.field(20, "_3d", &_3d)
        visit.field(21, "inout", &`inout`)
        visit.field(22, "nil", &`nil`)
        visit.field(23, "message_name", &messageName)
        visit.field(24, "some", &some)
        visit.field(25, "none", &none, .oneof(1))
        visit.field(26, "payloads", &payloads, .oneof(1))
        visit.field(27, "func", &`func`, .oneof(1))
        visit.field(28, "value", &value, .oneof(1))
        visit.field(29, "a", &a, .oneof(2))
        visit.field(30, "b", &b, .oneof(2))
        visit.field(31, "pick", &pick)
        visit.field(32, "odd", json: "odd one", &odd)
        visit.unknownFields(&unknownFields)
    }

    public indirect enum ChoiceOneof: Hashable, Sendable {
        case noneCase(String)
        case payloads(Keywords)
        case `func`(String)
        case value(Int32)
    }

    @inlinable
    public var none: String? {
        get { if case .noneCase(let payload) = self.choice { payload } else { nil } }
        set {
            if let newValue {
                self.choice = .noneCase(newValue)
            } else if case .noneCase = self.choice {
                self.choice = nil
            }
        }
    }

    @inlinable
    public var payloads: Keywords? {
        get { if case .payloads(let payload) = self.choice { payload } else { nil } }
        _modify {
            var payload = self.payloads
            if payload != nil { self.choice = nil }
            defer { if let payload { self.choice = .payloads(payload) } }
            yield &payload
        }
    }

    @inlinable
    public var `func`: String? {
        get { if case .`func`(let payload) = self.choice { payload } else { nil } }
        set {
            if let newValue {
                self.choice = .`func`(newValue)
            } else if case .`func` = self.choice {
                self.choice = nil
            }
        }
    }

    @inlinable
    public var value: Int32? {
        get { if case .value(let payload) = self.choice { payload } else { nil } }
        set {
            if let newValue {
                self.choice = .value(newValue)
            } else if case .value = self.choice {
                self.choice = nil
            }
        }
    }

    public enum KeywordsOneof: Hashable, Sendable {
        /// Deprecated.
        case a(String)
        case b([UInt8])
    }

    /// Deprecated.
    @inlinable
    public var a: String? {
        get { if case .a(let payload) = self.keywords { payload } else { nil } }
        set { if let newValue { self.keywords = .a(newValue) } else if case .a = self.keywords { self.keywords = nil } }
    }

    @inlinable
    public var b: [UInt8]? {
        get { if case .b(let payload) = self.keywords { payload } else { nil } }
        set { if let newValue { self.keywords = .b(newValue) } else if case .b = self.keywords { self.keywords = nil } }
    }

    public struct Choice: MessageEnum, Hashable {
        public static let enumName = "martlet.names.Keywords.Choice"

        public static let unspecified = Choice(number: 0)

        /// One that the schema has no name for is kept as it is.
        public var number: Int32

        @inlinable
        public init(number: Int32) { self.number = number }

        public static var fieldDefault: Choice { Choice(number: 0) }

        public var name: String? {
            switch number {
            case 0: "CHOICE_UNSPECIFIED"
            default: nil
            }
        }

        public init?(name: String) {
            switch name {
            case "CHOICE_UNSPECIFIED": number = 0
            default: return nil
            }
        }
    }
}

/// Nested types that hide those which their neighbours mean.
public struct Outer: Message, Hashable {
    public static let messageName = "martlet.names.Outer"

    public var outer: Outer.OuterMessage?
    public var leaf: Outer.LeafMessage?
    public var other: Leaf?
    public var level: Level = .fieldDefault
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(
        outer: Outer.OuterMessage? = nil,
        leaf: Outer.LeafMessage? = nil,
        other: Leaf? = nil,
        level: Level = .fieldDefault
    ) {
        self.outer = outer
        self.leaf = leaf
        self.other = other
        self.level = level
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "outer", &outer)
        visit.field(2, "leaf", &leaf)
        visit.field(3, "other", &other)
        visit.field(4, "level", &level)
        visit.unknownFields(&unknownFields)
    }

    public struct OuterMessage: Message, Hashable {
        public static let messageName = "martlet.names.Outer.Outer"

        public var name: String = ""
        /// What a newer schema has that this one has not.
        public var unknownFields = UnknownFields()

        public init() {}

        public init(name: String = "") {
            self.name = name
        }

        @inlinable
        public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "name", &name)
            visit.unknownFields(&unknownFields)
        }
    }

    public struct LeafMessage: Message, Hashable {
        public static let messageName = "martlet.names.Outer.Leaf"

        public var number: Int32 = 0
        /// What a newer schema has that this one has not.
        public var unknownFields = UnknownFields()

        public init() {}

        public init(number: Int32 = 0) {
            self.number = number
        }

        @inlinable
        public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "number", &number)
            visit.unknownFields(&unknownFields)
        }
    }
}

public struct Leaf: Message, Hashable {
    public static let messageName = "martlet.names.Leaf"

    public var name: String = ""
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(name: String = "") {
        self.name = name
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.unknownFields(&unknownFields)
    }
}

public struct Nothing: Message, Hashable {
    public static let messageName = "martlet.names.Nothing"

    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.unknownFields(&unknownFields)
    }
}

/// Holds itself, directly.
public struct Chain: Message, Hashable {
    public static let messageName = "martlet.names.Chain"

    public var name: String = ""
    /// A struct cannot hold itself, an array of at most one can: ``next``.
    @usableFromInline var nextStorage: [Chain] = []
    public var many: [Chain] = []
    public var named: [String: Chain] = [:]
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(name: String = "", next: Chain? = nil, many: [Chain] = [], named: [String: Chain] = [:]) {
        self.name = name
        self.next = next
        self.many = many
        self.named = named
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "next", &next)
        visit.field(3, "many", &many)
        visit.field(4, "named", &named)
        visit.unknownFields(&unknownFields)
    }

    @inlinable
    public var next: Chain? {
        get { self.nextStorage.first }
        _modify {
            var payload = self.nextStorage.popLast()
            defer { if let payload { self.nextStorage.append(payload) } }
            yield &payload
        }
    }
}

/// Hold each other, one of them in a oneof.
public struct Left: Message, Hashable {
    public static let messageName = "martlet.names.Left"

    /// A struct cannot hold itself, an array of at most one can: ``right``.
    @usableFromInline var rightStorage: [Right] = []
    public var number: Int32 = 0
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(right: Right? = nil, number: Int32 = 0) {
        self.right = right
        self.number = number
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "right", &right)
        visit.field(2, "number", &number)
        visit.unknownFields(&unknownFields)
    }

    @inlinable
    public var right: Right? {
        get { self.rightStorage.first }
        _modify {
            var payload = self.rightStorage.popLast()
            defer { if let payload { self.rightStorage.append(payload) } }
            yield &payload
        }
    }
}

public struct Right: Message, Hashable {
    public static let messageName = "martlet.names.Right"

    public var side: Side?
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(side: Side? = nil) {
        self.side = side
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "left", &left, .oneof(1))
        visit.field(2, "end", &end, .oneof(1))
        visit.unknownFields(&unknownFields)
    }

    public indirect enum Side: Hashable, Sendable {
        case left(Left)
        case end(String)
    }

    @inlinable
    public var left: Left? {
        get { if case .left(let payload) = self.side { payload } else { nil } }
        _modify {
            var payload = self.left
            if payload != nil { self.side = nil }
            defer { if let payload { self.side = .left(payload) } }
            yield &payload
        }
    }

    @inlinable
    public var end: String? {
        get { if case .end(let payload) = self.side { payload } else { nil } }
        set { if let newValue { self.side = .end(newValue) } else if case .end = self.side { self.side = nil } }
    }
}

public struct Everything: Message, Hashable {
    public static let messageName = "martlet.names.Everything"

    public var maybe: Bool?
    public var maybeLevel: Level?
    public var maybeBytes: [UInt8]?
    public var chunks: [[UInt8]] = []
    public var levels: [Level] = []
    public var byNumber: [UInt64: Level] = [:]
    public var byFixed: [UInt32: Int64] = [:]
    public var object: JSONObject?
    public var null: NullValue = .fieldDefault
    public var time: Timestamp?
    public var lastInOrder: String = ""
    /// What a newer schema has that this one has not.
    public var unknownFields = UnknownFields()

    public init() {}

    public init(
        maybe: Bool? = nil,
        maybeLevel: Level? = nil,
        maybeBytes: [UInt8]? = nil,
        chunks: [[UInt8]] = [],
        levels: [Level] = [],
        byNumber: [UInt64: Level] = [:],
        byFixed: [UInt32: Int64] = [:],
        object: JSONObject? = nil,
        null: NullValue = .fieldDefault,
        time: Timestamp? = nil,
        lastInOrder: String = ""
    ) {
        self.maybe = maybe
        self.maybeLevel = maybeLevel
        self.maybeBytes = maybeBytes
        self.chunks = chunks
        self.levels = levels
        self.byNumber = byNumber
        self.byFixed = byFixed
        self.object = object
        self.null = null
        self.time = time
        self.lastInOrder = lastInOrder
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "maybe", &maybe)
        visit.field(2, "maybe_level", &maybeLevel)
        visit.field(3, "maybe_bytes", &maybeBytes)
        visit.field(4, "chunks", &chunks)
        visit.field(5, "levels", &levels, .unpacked)
        visit.field(6, "by_number", &byNumber)
        visit.field(7, "by_fixed", &byFixed, [.fixedWidthKey, .zigZag])
        visit.field(8, "object", &object)
        visit.field(9, "null", &null)
        visit.field(11, "last_in_order", &lastInOrder)
        visit.field(20, "time", &time)
        visit.unknownFields(&unknownFields)
    }
}

extension SchemaFile {
    /// `names.proto`
    public static let names = SchemaFile(
        name: "names.proto",
        base64: """
            CgtuYW1lcy5wcm90bxINbWFydGxldC5uYW1lcxocZ29vZ2xlL3Byb3RvYnVmL3N0cnVjdC5wcm90bxofZ29vZ2xlL3Byb3RvYnVm\
            L3RpbWVzdGFtcC5wcm90byJNCgZTdHJpbmcSFAoFdmFsdWUYASABKAlSBXZhbHVlEi0KBnN0cmluZxgCIAEoCzIVLm1hcnRsZXQu\
            bmFtZXMuU3RyaW5nUgZzdHJpbmcipwEKBFR5cGUSLAoEdHlwZRgBIAEoDjIYLm1hcnRsZXQubmFtZXMuVHlwZS5UeXBlUgR0eXBl\
            InEKBFR5cGUSFAoQVFlQRV9VTlNQRUNJRklFRBAAEg0KCVRZUEVfU0VMRhABEg0KCVRZUEVfSU5JVBACEhAKDFRZUEVfREVGQVVM\
            VBADEhYKElRZUEVfRklFTERfREVGQVVMVBAEEgsKB1RZUEVfMkQQBSKPBwoIS2V5d29yZHMSEgoEc2VsZhgBIAEoCVIEc2VsZhIS\
            CgRpbml0GAIgASgJUgRpbml0EhIKBFR5cGUYAyABKAlSBFR5cGUSIAoLZGVzY3JpcHRpb24YBCABKAlSC2Rlc2NyaXB0aW9uEhgK\
            B2RlZmF1bHQYBSABKAlSB2RlZmF1bHQSDgoCaW4YBiABKAlSAmluEhQKBWNsYXNzGAcgASgJUgVjbGFzcxIUCgV2aXNpdBgIIAEo\
            CVIFdmlzaXQSGAoHcGF5bG9hZBgJIAEoCVIHcGF5bG9hZBIbCgluZXdfdmFsdWUYCiABKAlSCG5ld1ZhbHVlEh0KCmhhc2hfdmFs\
            dWUYCyABKAlSCWhhc2hWYWx1ZRISCgRoYXNoGAwgASgJUgRoYXNoEiUKDnVua25vd25fZmllbGRzGA0gASgJUg11bmtub3duRmll\
            bGRzEiEKDHZpc2l0X2ZpZWxkcxgOIAEoCVILdmlzaXRGaWVsZHMSJAoOaXNfZW1wdHlfZmllbGQYDyABKAlSDGlzRW1wdHlGaWVs\
            ZBIZCghfbGVhZGluZxgQIAEoCVIHTGVhZGluZxIXCgd1c2VyX2lkGBEgASgJUgZ1c2VySWQSEAoDVVJMGBIgASgJUgNVUkwSHgoK\
            SFRUUFN0YXR1cxgTIAEoCVIKSFRUUFN0YXR1cxIPCgNfM2QYFCABKAlSAjNkEhQKBWlub3V0GBUgASgJUgVpbm91dBIQCgNuaWwY\
            FiABKAlSA25pbBIhCgxtZXNzYWdlX25hbWUYFyABKAlSC21lc3NhZ2VOYW1lEhIKBHNvbWUYGCABKAlSBHNvbWUSFAoEbm9uZRgZ\
            IAEoCUgAUgRub25lEjUKCHBheWxvYWRzGBogASgLMhcubWFydGxldC5uYW1lcy5LZXl3b3Jkc0gAUghwYXlsb2FkcxIUCgRmdW5j\
            GBsgASgJSABSBGZ1bmMSFgoFdmFsdWUYHCABKAVIAFIFdmFsdWUSEgoBYRgdIAEoCUICGAFIAVIBYRIOCgFiGB4gASgMSAFSAWIS\
            MgoEcGljaxgfIAEoDjIeLm1hcnRsZXQubmFtZXMuS2V5d29yZHMuQ2hvaWNlUgRwaWNrEhQKA29kZBggIAEoCVIHb2RkIG9uZSIg\
            CgZDaG9pY2USFgoSQ0hPSUNFX1VOU1BFQ0lGSUVEEABCCAoGY2hvaWNlQgoKCGtleXdvcmRzIvwBCgVPdXRlchIwCgVvdXRlchgB\
            IAEoCzIaLm1hcnRsZXQubmFtZXMuT3V0ZXIuT3V0ZXJSBW91dGVyEi0KBGxlYWYYAiABKAsyGS5tYXJ0bGV0Lm5hbWVzLk91dGVy\
            LkxlYWZSBGxlYWYSKQoFb3RoZXIYAyABKAsyEy5tYXJ0bGV0Lm5hbWVzLkxlYWZSBW90aGVyEioKBWxldmVsGAQgASgOMhQubWFy\
            dGxldC5uYW1lcy5sZXZlbFIFbGV2ZWwaGwoFT3V0ZXISEgoEbmFtZRgBIAEoCVIEbmFtZRoeCgRMZWFmEhYKBm51bWJlchgBIAEo\
            BVIGbnVtYmVyIhoKBExlYWYSEgoEbmFtZRgBIAEoCVIEbmFtZSIJCgdOb3RoaW5nIvYBCgVDaGFpbhISCgRuYW1lGAEgASgJUgRu\
            YW1lEigKBG5leHQYAiABKAsyFC5tYXJ0bGV0Lm5hbWVzLkNoYWluUgRuZXh0EigKBG1hbnkYAyADKAsyFC5tYXJ0bGV0Lm5hbWVz\
            LkNoYWluUgRtYW55EjUKBW5hbWVkGAQgAygLMh8ubWFydGxldC5uYW1lcy5DaGFpbi5OYW1lZEVudHJ5UgVuYW1lZBpOCgpOYW1l\
            ZEVudHJ5EhAKA2tleRgBIAEoCVIDa2V5EioKBXZhbHVlGAIgASgLMhQubWFydGxldC5uYW1lcy5DaGFpblIFdmFsdWU6AjgBIkoK\
            BExlZnQSKgoFcmlnaHQYASABKAsyFC5tYXJ0bGV0Lm5hbWVzLlJpZ2h0UgVyaWdodBIWCgZudW1iZXIYAiABKAVSBm51bWJlciJO\
            CgVSaWdodBIpCgRsZWZ0GAEgASgLMhMubWFydGxldC5uYW1lcy5MZWZ0SABSBGxlZnQSEgoDZW5kGAIgASgJSABSA2VuZEIGCgRz\
            aWRlIsoFCgpFdmVyeXRoaW5nEhkKBW1heWJlGAEgASgISABSBW1heWJliAEBEjoKC21heWJlX2xldmVsGAIgASgOMhQubWFydGxl\
            dC5uYW1lcy5sZXZlbEgBUgptYXliZUxldmVsiAEBEiQKC21heWJlX2J5dGVzGAMgASgMSAJSCm1heWJlQnl0ZXOIAQESFgoGY2h1\
            bmtzGAQgAygMUgZjaHVua3MSMAoGbGV2ZWxzGAUgAygOMhQubWFydGxldC5uYW1lcy5sZXZlbEICEABSBmxldmVscxJECglieV9u\
            dW1iZXIYBiADKAsyJy5tYXJ0bGV0Lm5hbWVzLkV2ZXJ5dGhpbmcuQnlOdW1iZXJFbnRyeVIIYnlOdW1iZXISQQoIYnlfZml4ZWQY\
            ByADKAsyJi5tYXJ0bGV0Lm5hbWVzLkV2ZXJ5dGhpbmcuQnlGaXhlZEVudHJ5UgdieUZpeGVkEi8KBm9iamVjdBgIIAEoCzIXLmdv\
            b2dsZS5wcm90b2J1Zi5TdHJ1Y3RSBm9iamVjdBIuCgRudWxsGAkgASgOMhouZ29vZ2xlLnByb3RvYnVmLk51bGxWYWx1ZVIEbnVs\
            bBIuCgR0aW1lGBQgASgLMhouZ29vZ2xlLnByb3RvYnVmLlRpbWVzdGFtcFIEdGltZRIiCg1sYXN0X2luX29yZGVyGAsgASgJUgts\
            YXN0SW5PcmRlchpRCg1CeU51bWJlckVudHJ5EhAKA2tleRgBIAEoBFIDa2V5EioKBXZhbHVlGAIgASgOMhQubWFydGxldC5uYW1l\
            cy5sZXZlbFIFdmFsdWU6AjgBGjoKDEJ5Rml4ZWRFbnRyeRIQCgNrZXkYASABKAdSA2tleRIUCgV2YWx1ZRgCIAEoElIFdmFsdWU6\
            AjgBQggKBl9tYXliZUIOCgxfbWF5YmVfbGV2ZWxCDgoMX21heWJlX2J5dGVzKk8KBWxldmVsEggKBE5PTkUQABIHCgNMT1cQARIJ\
            CgVTTUFMTBABEhcKCkJFTE9XX1pFUk8Q////////////ARILCgNvbGQQBxoCCAEaAhABYgZwcm90bzM=
            """,
        imports: [
            .importedGoogleProtobufStruct,
            .importedGoogleProtobufTimestamp,
        ])

    private static let importedGoogleProtobufStruct = SchemaFile(
        name: "google/protobuf/struct.proto",
        base64: """
            Chxnb29nbGUvcHJvdG9idWYvc3RydWN0LnByb3RvEg9nb29nbGUucHJvdG9idWYimAEKBlN0cnVjdBI7CgZmaWVsZHMYASADKAsy\
            Iy5nb29nbGUucHJvdG9idWYuU3RydWN0LkZpZWxkc0VudHJ5UgZmaWVsZHMaUQoLRmllbGRzRW50cnkSEAoDa2V5GAEgASgJUgNr\
            ZXkSLAoFdmFsdWUYAiABKAsyFi5nb29nbGUucHJvdG9idWYuVmFsdWVSBXZhbHVlOgI4ASKyAgoFVmFsdWUSOwoKbnVsbF92YWx1\
            ZRgBIAEoDjIaLmdvb2dsZS5wcm90b2J1Zi5OdWxsVmFsdWVIAFIJbnVsbFZhbHVlEiMKDG51bWJlcl92YWx1ZRgCIAEoAUgAUgtu\
            dW1iZXJWYWx1ZRIjCgxzdHJpbmdfdmFsdWUYAyABKAlIAFILc3RyaW5nVmFsdWUSHwoKYm9vbF92YWx1ZRgEIAEoCEgAUglib29s\
            VmFsdWUSPAoMc3RydWN0X3ZhbHVlGAUgASgLMhcuZ29vZ2xlLnByb3RvYnVmLlN0cnVjdEgAUgtzdHJ1Y3RWYWx1ZRI7CgpsaXN0\
            X3ZhbHVlGAYgASgLMhouZ29vZ2xlLnByb3RvYnVmLkxpc3RWYWx1ZUgAUglsaXN0VmFsdWVCBgoEa2luZCI7CglMaXN0VmFsdWUS\
            LgoGdmFsdWVzGAEgAygLMhYuZ29vZ2xlLnByb3RvYnVmLlZhbHVlUgZ2YWx1ZXMqGwoJTnVsbFZhbHVlEg4KCk5VTExfVkFMVUUQ\
            AEJ/ChNjb20uZ29vZ2xlLnByb3RvYnVmQgtTdHJ1Y3RQcm90b1ABWi9nb29nbGUuZ29sYW5nLm9yZy9wcm90b2J1Zi90eXBlcy9r\
            bm93bi9zdHJ1Y3RwYvgBAaICA0dQQqoCHkdvb2dsZS5Qcm90b2J1Zi5XZWxsS25vd25UeXBlc2IGcHJvdG8z
            """)

    private static let importedGoogleProtobufTimestamp = SchemaFile(
        name: "google/protobuf/timestamp.proto",
        base64: """
            Ch9nb29nbGUvcHJvdG9idWYvdGltZXN0YW1wLnByb3RvEg9nb29nbGUucHJvdG9idWYiOwoJVGltZXN0YW1wEhgKB3NlY29uZHMY\
            ASABKANSB3NlY29uZHMSFAoFbmFub3MYAiABKAVSBW5hbm9zQoUBChNjb20uZ29vZ2xlLnByb3RvYnVmQg5UaW1lc3RhbXBQcm90\
            b1ABWjJnb29nbGUuZ29sYW5nLm9yZy9wcm90b2J1Zi90eXBlcy9rbm93bi90aW1lc3RhbXBwYvgBAaICA0dQQqoCHkdvb2dsZS5Q\
            cm90b2J1Zi5XZWxsS25vd25UeXBlc2IGcHJvdG8z
            """)
}
