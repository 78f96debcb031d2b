// Written by protoc-gen-martlet from everything.proto. Change that, and generate anew.

package import MartletWire

package struct Color: MessageEnum, Hashable {
    package static let enumName = "martlet.test.Color"

    package static let unspecified = Color(number: 0)
    package static let red = Color(number: 1)
    package static let green = Color(number: 2)

    /// One that the schema has no name for is kept as it is.
    package var number: Int32

    package init(number: Int32) { self.number = number }

    package static var fieldDefault: Color { Color(number: 0) }

    package var name: String? {
        switch number {
        case 0: "COLOR_UNSPECIFIED"
        case 1: "COLOR_RED"
        case 2: "COLOR_GREEN"
        default: nil
        }
    }

    package init?(name: String) {
        switch name {
        case "COLOR_UNSPECIFIED": number = 0
        case "COLOR_RED": number = 1
        case "COLOR_GREEN": number = 2
        default: return nil
        }
    }
}

package struct AllKinds: Message, Hashable {
    package static let messageName = "martlet.test.AllKinds"

    package var doubleField: Double = 0
    package var floatField: Float = 0
    package var int32Field: Int32 = 0
    package var int64Field: Int64 = 0
    package var uint32Field: UInt32 = 0
    package var uint64Field: UInt64 = 0
    package var sint32Field: Int32 = 0
    package var sint64Field: Int64 = 0
    package var fixed32Field: UInt32 = 0
    package var fixed64Field: UInt64 = 0
    package var sfixed32Field: Int32 = 0
    package var sfixed64Field: Int64 = 0
    package var boolField: Bool = false
    package var stringField: String = ""
    package var bytesField: [UInt8] = []
    package var color: Color = .fieldDefault
    package var leaf: Leaf?
    /// What a newer schema has that this one has not.
    package var unknownFields = UnknownFields()

    package init() {}

    package init(
        doubleField: Double = 0,
        floatField: Float = 0,
        int32Field: Int32 = 0,
        int64Field: Int64 = 0,
        uint32Field: UInt32 = 0,
        uint64Field: UInt64 = 0,
        sint32Field: Int32 = 0,
        sint64Field: Int64 = 0,
        fixed32Field: UInt32 = 0,
        fixed64Field: UInt64 = 0,
        sfixed32Field: Int32 = 0,
        sfixed64Field: Int64 = 0,
        boolField: Bool = false,
        stringField: String = "",
        bytesField: [UInt8] = [],
        color: Color = .fieldDefault,
        leaf: Leaf? = nil
    ) {
        self.doubleField = doubleField
        self.floatField = floatField
        self.int32Field = int32Field
        self.int64Field = int64Field
        self.uint32Field = uint32Field
        self.uint64Field = uint64Field
        self.sint32Field = sint32Field
        self.sint64Field = sint64Field
        self.fixed32Field = fixed32Field
        self.fixed64Field = fixed64Field
        self.sfixed32Field = sfixed32Field
        self.sfixed64Field = sfixed64Field
        self.boolField = boolField
        self.stringField = stringField
        self.bytesField = bytesField
        self.color = color
        self.leaf = leaf
    }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "double_field", &doubleField)
        visit.field(2, "float_field", &floatField)
        visit.field(3, "int32_field", &int32Field)
        visit.field(4, "int64_field", &int64Field)
        visit.field(5, "uint32_field", &uint32Field)
        visit.field(6, "uint64_field", &uint64Field)
        visit.field(7, "sint32_field", &sint32Field, .zigZag)
        visit.field(8, "sint64_field", &sint64Field, .zigZag)
        visit.field(9, "fixed32_field", &fixed32Field, .fixedWidth)
        visit.field(10, "fixed64_field", &fixed64Field, .fixedWidth)
        visit.field(11, "sfixed32_field", &sfixed32Field, .fixedWidth)
        visit.field(12, "sfixed64_field", &sfixed64Field, .fixedWidth)
        visit.field(13, "bool_field", &boolField)
        visit.field(14, "string_field", &stringField)
        visit.field(15, "bytes_field", &bytesField)
        visit.field(16, "color", &color)
        visit.field(17, "leaf", &leaf)
        visit.unknownFields(&unknownFields)
    }
}

package struct Leaf: Message, Hashable {
    package static let messageName = "martlet.test.Leaf"

    package var name: String = ""
    package var number: Int32 = 0
    package var tags: [String] = []
    /// What a newer schema has that this one has not.
    package var unknownFields = UnknownFields()

    package init() {}

    package init(name: String = "", number: Int32 = 0, tags: [String] = []) {
        self.name = name
        self.number = number
        self.tags = tags
    }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "number", &number)
        visit.field(3, "tags", &tags)
        visit.unknownFields(&unknownFields)
    }
}

package struct Containers: Message, Hashable {
    package static let messageName = "martlet.test.Containers"

    package var maybeInt: Int32?
    package var maybeString: String?
    package var numbers: [Int32] = []
    package var zigZags: [Int64] = []
    package var doubles: [Double] = []
    package var unpacked: [UInt32] = []
    package var names: [String] = []
    package var leaves: [Leaf] = []
    package var colors: [Color] = []
    package var counts: [String: Int32] = [:]
    package var byNumber: [Int64: Leaf] = [:]
    package var byFlag: [Bool: String] = [:]
    package var bySigned: [Int32: UInt64] = [:]
    package var choice: Choice?
    /// What a newer schema has that this one has not.
    package var unknownFields = UnknownFields()

    package init() {}

    package init(
        maybeInt: Int32? = nil,
        maybeString: String? = nil,
        numbers: [Int32] = [],
        zigZags: [Int64] = [],
        doubles: [Double] = [],
        unpacked: [UInt32] = [],
        names: [String] = [],
        leaves: [Leaf] = [],
        colors: [Color] = [],
        counts: [String: Int32] = [:],
        byNumber: [Int64: Leaf] = [:],
        byFlag: [Bool: String] = [:],
        bySigned: [Int32: UInt64] = [:],
        choice: Choice? = nil
    ) {
        self.maybeInt = maybeInt
        self.maybeString = maybeString
        self.numbers = numbers
        self.zigZags = zigZags
        self.doubles = doubles
        self.unpacked = unpacked
        self.names = names
        self.leaves = leaves
        self.colors = colors
        self.counts = counts
        self.byNumber = byNumber
        self.byFlag = byFlag
        self.bySigned = bySigned
        self.choice = choice
    }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "maybe_int", &maybeInt)
        visit.field(2, "maybe_string", &maybeString)
        visit.field(3, "numbers", &numbers)
        visit.field(4, "zig_zags", &zigZags, .zigZag)
        visit.field(5, "doubles", &doubles)
        visit.field(6, "unpacked", &unpacked, .unpacked)
        visit.field(7, "names", &names)
        visit.field(8, "leaves", &leaves)
        visit.field(9, "colors", &colors)
        visit.field(10, "counts", &counts)
        visit.field(11, "by_number", json: "numbered", &byNumber)
        visit.field(12, "by_flag", &byFlag)
        visit.field(13, "by_signed", &bySigned, [.zigZagKey, .fixedWidth])
        visit.field(20, "choice_text", &choiceText, .oneof(1))
        visit.field(21, "choice_count", &choiceCount, .oneof(1))
        visit.field(22, "choice_leaf", &choiceLeaf, .oneof(1))
        visit.unknownFields(&unknownFields)
    }

    package enum Choice: Hashable, Sendable {
        case text(String)
        case count(Int32)
        case leaf(Leaf)
    }

    package var choiceText: String? {
        get { if case .text(let payload) = self.choice { payload } else { nil } }
        set { if let newValue { self.choice = .text(newValue) } else if case .text = self.choice { self.choice = nil } }
    }

    package var choiceCount: Int32? {
        get { if case .count(let payload) = self.choice { payload } else { nil } }
        set {
            if let newValue {
                self.choice = .count(newValue)
            } else if case .count = self.choice {
                self.choice = nil
            }
        }
    }

    package var choiceLeaf: Leaf? {
        get { if case .leaf(let payload) = self.choice { payload } else { nil } }
        _modify {
            var payload = self.choiceLeaf
            if payload != nil { self.choice = nil }
            defer { if let payload { self.choice = .leaf(payload) } }
            yield &payload
        }
    }
}

package struct WellKnown: Message, Hashable {
    package static let messageName = "martlet.test.WellKnown"

    package var time: Timestamp?
    package var duration: Duration?
    package var empty: Empty?
    package var value: JSONValue?
    package var object: JSONObject?
    package var array: JSONArray?
    package var any: AnyMessage?
    package var mask: FieldMask?
    package var null: NullValue = .fieldDefault
    package var boolValue: BoolValue?
    package var int64Value: Int64Value?
    package var stringValue: StringValue?
    package var bytesValue: BytesValue?
    package var times: [Timestamp] = []
    /// What a newer schema has that this one has not.
    package var unknownFields = UnknownFields()

    package init() {}

    package init(
        time: Timestamp? = nil,
        duration: Duration? = nil,
        empty: Empty? = nil,
        value: JSONValue? = nil,
        object: JSONObject? = nil,
        array: JSONArray? = nil,
        any: AnyMessage? = nil,
        mask: FieldMask? = nil,
        null: NullValue = .fieldDefault,
        boolValue: BoolValue? = nil,
        int64Value: Int64Value? = nil,
        stringValue: StringValue? = nil,
        bytesValue: BytesValue? = nil,
        times: [Timestamp] = []
    ) {
        self.time = time
        self.duration = duration
        self.empty = empty
        self.value = value
        self.object = object
        self.array = array
        self.any = any
        self.mask = mask
        self.null = null
        self.boolValue = boolValue
        self.int64Value = int64Value
        self.stringValue = stringValue
        self.bytesValue = bytesValue
        self.times = times
    }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "time", &time)
        visit.field(2, "duration", &duration)
        visit.field(3, "empty", &empty)
        visit.field(4, "value", &value)
        visit.field(5, "object", &object)
        visit.field(6, "array", &array)
        visit.field(7, "any", &any)
        visit.field(8, "mask", &mask)
        visit.field(9, "null", &null)
        visit.field(10, "bool_value", &boolValue)
        visit.field(11, "int64_value", &int64Value)
        visit.field(12, "string_value", &stringValue)
        visit.field(13, "bytes_value", &bytesValue)
        visit.field(14, "times", &times)
        visit.unknownFields(&unknownFields)
    }
}

/// Holds itself, and one of everything.
package struct Nest: Message, Hashable {
    package static let messageName = "martlet.test.Nest"

    package var nests: [Nest] = []
    package var all: AllKinds?
    package var containers: Containers?
    package var known: WellKnown?
    package var named: [String: Nest] = [:]
    /// What a newer schema has that this one has not.
    package var unknownFields = UnknownFields()

    package init() {}

    package init(
        nests: [Nest] = [],
        all: AllKinds? = nil,
        containers: Containers? = nil,
        known: WellKnown? = nil,
        named: [String: Nest] = [:]
    ) {
        self.nests = nests
        self.all = all
        self.containers = containers
        self.known = known
        self.named = named
    }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "nests", &nests)
        visit.field(2, "all", &all)
        visit.field(3, "containers", &containers)
        visit.field(4, "known", &known)
        visit.field(5, "named", &named)
        visit.unknownFields(&unknownFields)
    }
}

extension SchemaFile {
    /// `everything.proto`
    package static let everything = SchemaFile(
        name: "everything.proto",
        base64: """
            ChBldmVyeXRoaW5nLnByb3RvEgxtYXJ0bGV0LnRlc3QaGWdvb2dsZS9wcm90b2J1Zi9hbnkucHJvdG8aHmdvb2dsZS9wcm90b2J1\
            Zi9kdXJhdGlvbi5wcm90bxobZ29vZ2xlL3Byb3RvYnVmL2VtcHR5LnByb3RvGiBnb29nbGUvcHJvdG9idWYvZmllbGRfbWFzay5w\
            cm90bxocZ29vZ2xlL3Byb3RvYnVmL3N0cnVjdC5wcm90bxofZ29vZ2xlL3Byb3RvYnVmL3RpbWVzdGFtcC5wcm90bxoeZ29vZ2xl\
            L3Byb3RvYnVmL3dyYXBwZXJzLnByb3RvIuoECghBbGxLaW5kcxIhCgxkb3VibGVfZmllbGQYASABKAFSC2RvdWJsZUZpZWxkEh8K\
            C2Zsb2F0X2ZpZWxkGAIgASgCUgpmbG9hdEZpZWxkEh8KC2ludDMyX2ZpZWxkGAMgASgFUgppbnQzMkZpZWxkEh8KC2ludDY0X2Zp\
            ZWxkGAQgASgDUgppbnQ2NEZpZWxkEiEKDHVpbnQzMl9maWVsZBgFIAEoDVILdWludDMyRmllbGQSIQoMdWludDY0X2ZpZWxkGAYg\
            ASgEUgt1aW50NjRGaWVsZBIhCgxzaW50MzJfZmllbGQYByABKBFSC3NpbnQzMkZpZWxkEiEKDHNpbnQ2NF9maWVsZBgIIAEoElIL\
            c2ludDY0RmllbGQSIwoNZml4ZWQzMl9maWVsZBgJIAEoB1IMZml4ZWQzMkZpZWxkEiMKDWZpeGVkNjRfZmllbGQYCiABKAZSDGZp\
            eGVkNjRGaWVsZBIlCg5zZml4ZWQzMl9maWVsZBgLIAEoD1INc2ZpeGVkMzJGaWVsZBIlCg5zZml4ZWQ2NF9maWVsZBgMIAEoEFIN\
            c2ZpeGVkNjRGaWVsZBIdCgpib29sX2ZpZWxkGA0gASgIUglib29sRmllbGQSIQoMc3RyaW5nX2ZpZWxkGA4gASgJUgtzdHJpbmdG\
            aWVsZBIfCgtieXRlc19maWVsZBgPIAEoDFIKYnl0ZXNGaWVsZBIpCgVjb2xvchgQIAEoDjITLm1hcnRsZXQudGVzdC5Db2xvclIF\
            Y29sb3ISJgoEbGVhZhgRIAEoCzISLm1hcnRsZXQudGVzdC5MZWFmUgRsZWFmIkYKBExlYWYSEgoEbmFtZRgBIAEoCVIEbmFtZRIW\
            CgZudW1iZXIYAiABKAVSBm51bWJlchISCgR0YWdzGAMgAygJUgR0YWdzIucHCgpDb250YWluZXJzEiAKCW1heWJlX2ludBgBIAEo\
            BUgBUghtYXliZUludIgBARImCgxtYXliZV9zdHJpbmcYAiABKAlIAlILbWF5YmVTdHJpbmeIAQESGAoHbnVtYmVycxgDIAMoBVIH\
            bnVtYmVycxIZCgh6aWdfemFncxgEIAMoElIHemlnWmFncxIYCgdkb3VibGVzGAUgAygBUgdkb3VibGVzEh4KCHVucGFja2VkGAYg\
            AygNQgIQAFIIdW5wYWNrZWQSFAoFbmFtZXMYByADKAlSBW5hbWVzEioKBmxlYXZlcxgIIAMoCzISLm1hcnRsZXQudGVzdC5MZWFm\
            UgZsZWF2ZXMSKwoGY29sb3JzGAkgAygOMhMubWFydGxldC50ZXN0LkNvbG9yUgZjb2xvcnMSPAoGY291bnRzGAogAygLMiQubWFy\
            dGxldC50ZXN0LkNvbnRhaW5lcnMuQ291bnRzRW50cnlSBmNvdW50cxJDCglieV9udW1iZXIYCyADKAsyJi5tYXJ0bGV0LnRlc3Qu\
            Q29udGFpbmVycy5CeU51bWJlckVudHJ5UghudW1iZXJlZBI9CgdieV9mbGFnGAwgAygLMiQubWFydGxldC50ZXN0LkNvbnRhaW5l\
            cnMuQnlGbGFnRW50cnlSBmJ5RmxhZxJDCglieV9zaWduZWQYDSADKAsyJi5tYXJ0bGV0LnRlc3QuQ29udGFpbmVycy5CeVNpZ25l\
            ZEVudHJ5UghieVNpZ25lZBIhCgtjaG9pY2VfdGV4dBgUIAEoCUgAUgpjaG9pY2VUZXh0EiMKDGNob2ljZV9jb3VudBgVIAEoBUgA\
            UgtjaG9pY2VDb3VudBI1CgtjaG9pY2VfbGVhZhgWIAEoCzISLm1hcnRsZXQudGVzdC5MZWFmSABSCmNob2ljZUxlYWYaOQoLQ291\
            bnRzRW50cnkSEAoDa2V5GAEgASgJUgNrZXkSFAoFdmFsdWUYAiABKAVSBXZhbHVlOgI4ARpPCg1CeU51bWJlckVudHJ5EhAKA2tl\
            eRgBIAEoA1IDa2V5EigKBXZhbHVlGAIgASgLMhIubWFydGxldC50ZXN0LkxlYWZSBXZhbHVlOgI4ARo5CgtCeUZsYWdFbnRyeRIQ\
            CgNrZXkYASABKAhSA2tleRIUCgV2YWx1ZRgCIAEoCVIFdmFsdWU6AjgBGjsKDUJ5U2lnbmVkRW50cnkSEAoDa2V5GAEgASgRUgNr\
            ZXkSFAoFdmFsdWUYAiABKAZSBXZhbHVlOgI4AUIICgZjaG9pY2VCDAoKX21heWJlX2ludEIPCg1fbWF5YmVfc3RyaW5nIuMFCglX\
            ZWxsS25vd24SLgoEdGltZRgBIAEoCzIaLmdvb2dsZS5wcm90b2J1Zi5UaW1lc3RhbXBSBHRpbWUSNQoIZHVyYXRpb24YAiABKAsy\
            GS5nb29nbGUucHJvdG9idWYuRHVyYXRpb25SCGR1cmF0aW9uEiwKBWVtcHR5GAMgASgLMhYuZ29vZ2xlLnByb3RvYnVmLkVtcHR5\
            UgVlbXB0eRIsCgV2YWx1ZRgEIAEoCzIWLmdvb2dsZS5wcm90b2J1Zi5WYWx1ZVIFdmFsdWUSLwoGb2JqZWN0GAUgASgLMhcuZ29v\
            Z2xlLnByb3RvYnVmLlN0cnVjdFIGb2JqZWN0EjAKBWFycmF5GAYgASgLMhouZ29vZ2xlLnByb3RvYnVmLkxpc3RWYWx1ZVIFYXJy\
            YXkSJgoDYW55GAcgASgLMhQuZ29vZ2xlLnByb3RvYnVmLkFueVIDYW55Ei4KBG1hc2sYCCABKAsyGi5nb29nbGUucHJvdG9idWYu\
            RmllbGRNYXNrUgRtYXNrEi4KBG51bGwYCSABKA4yGi5nb29nbGUucHJvdG9idWYuTnVsbFZhbHVlUgRudWxsEjkKCmJvb2xfdmFs\
            dWUYCiABKAsyGi5nb29nbGUucHJvdG9idWYuQm9vbFZhbHVlUglib29sVmFsdWUSPAoLaW50NjRfdmFsdWUYCyABKAsyGy5nb29n\
            bGUucHJvdG9idWYuSW50NjRWYWx1ZVIKaW50NjRWYWx1ZRI/CgxzdHJpbmdfdmFsdWUYDCABKAsyHC5nb29nbGUucHJvdG9idWYu\
            U3RyaW5nVmFsdWVSC3N0cmluZ1ZhbHVlEjwKC2J5dGVzX3ZhbHVlGA0gASgLMhsuZ29vZ2xlLnByb3RvYnVmLkJ5dGVzVmFsdWVS\
            CmJ5dGVzVmFsdWUSMAoFdGltZXMYDiADKAsyGi5nb29nbGUucHJvdG9idWYuVGltZXN0YW1wUgV0aW1lcyLGAgoETmVzdBIoCgVu\
            ZXN0cxgBIAMoCzISLm1hcnRsZXQudGVzdC5OZXN0UgVuZXN0cxIoCgNhbGwYAiABKAsyFi5tYXJ0bGV0LnRlc3QuQWxsS2luZHNS\
            A2FsbBI4Cgpjb250YWluZXJzGAMgASgLMhgubWFydGxldC50ZXN0LkNvbnRhaW5lcnNSCmNvbnRhaW5lcnMSLQoFa25vd24YBCAB\
            KAsyFy5tYXJ0bGV0LnRlc3QuV2VsbEtub3duUgVrbm93bhIzCgVuYW1lZBgFIAMoCzIdLm1hcnRsZXQudGVzdC5OZXN0Lk5hbWVk\
            RW50cnlSBW5hbWVkGkwKCk5hbWVkRW50cnkSEAoDa2V5GAEgASgJUgNrZXkSKAoFdmFsdWUYAiABKAsyEi5tYXJ0bGV0LnRlc3Qu\
            TmVzdFIFdmFsdWU6AjgBKj4KBUNvbG9yEhUKEUNPTE9SX1VOU1BFQ0lGSUVEEAASDQoJQ09MT1JfUkVEEAESDwoLQ09MT1JfR1JF\
            RU4QAmIGcHJvdG8z
            """,
        imports: [
            .importedGoogleProtobufAny,
            .importedGoogleProtobufDuration,
            .importedGoogleProtobufEmpty,
            .importedGoogleProtobufFieldMask,
            .importedGoogleProtobufStruct,
            .importedGoogleProtobufTimestamp,
            .importedGoogleProtobufWrappers,
        ])

    private static let importedGoogleProtobufAny = SchemaFile(
        name: "google/protobuf/any.proto",
        base64: """
            Chlnb29nbGUvcHJvdG9idWYvYW55LnByb3RvEg9nb29nbGUucHJvdG9idWYiNgoDQW55EhkKCHR5cGVfdXJsGAEgASgJUgd0eXBl\
            VXJsEhQKBXZhbHVlGAIgASgMUgV2YWx1ZUJ2ChNjb20uZ29vZ2xlLnByb3RvYnVmQghBbnlQcm90b1ABWixnb29nbGUuZ29sYW5n\
            Lm9yZy9wcm90b2J1Zi90eXBlcy9rbm93bi9hbnlwYqICA0dQQqoCHkdvb2dsZS5Qcm90b2J1Zi5XZWxsS25vd25UeXBlc2IGcHJv\
            dG8z
            """)

    private static let importedGoogleProtobufDuration = SchemaFile(
        name: "google/protobuf/duration.proto",
        base64: """
            Ch5nb29nbGUvcHJvdG9idWYvZHVyYXRpb24ucHJvdG8SD2dvb2dsZS5wcm90b2J1ZiI6CghEdXJhdGlvbhIYCgdzZWNvbmRzGAEg\
            ASgDUgdzZWNvbmRzEhQKBW5hbm9zGAIgASgFUgVuYW5vc0KDAQoTY29tLmdvb2dsZS5wcm90b2J1ZkINRHVyYXRpb25Qcm90b1AB\
            WjFnb29nbGUuZ29sYW5nLm9yZy9wcm90b2J1Zi90eXBlcy9rbm93bi9kdXJhdGlvbnBi+AEBogIDR1BCqgIeR29vZ2xlLlByb3Rv\
            YnVmLldlbGxLbm93blR5cGVzYgZwcm90bzM=
            """)

    private static let importedGoogleProtobufEmpty = SchemaFile(
        name: "google/protobuf/empty.proto",
        base64: """
            Chtnb29nbGUvcHJvdG9idWYvZW1wdHkucHJvdG8SD2dvb2dsZS5wcm90b2J1ZiIHCgVFbXB0eUJ9ChNjb20uZ29vZ2xlLnByb3Rv\
            YnVmQgpFbXB0eVByb3RvUAFaLmdvb2dsZS5nb2xhbmcub3JnL3Byb3RvYnVmL3R5cGVzL2tub3duL2VtcHR5cGL4AQGiAgNHUEKq\
            Ah5Hb29nbGUuUHJvdG9idWYuV2VsbEtub3duVHlwZXNiBnByb3RvMw==
            """)

    private static let importedGoogleProtobufFieldMask = SchemaFile(
        name: "google/protobuf/field_mask.proto",
        base64: """
            CiBnb29nbGUvcHJvdG9idWYvZmllbGRfbWFzay5wcm90bxIPZ29vZ2xlLnByb3RvYnVmIiEKCUZpZWxkTWFzaxIUCgVwYXRocxgB\
            IAMoCVIFcGF0aHNChQEKE2NvbS5nb29nbGUucHJvdG9idWZCDkZpZWxkTWFza1Byb3RvUAFaMmdvb2dsZS5nb2xhbmcub3JnL3By\
            b3RvYnVmL3R5cGVzL2tub3duL2ZpZWxkbWFza3Bi+AEBogIDR1BCqgIeR29vZ2xlLlByb3RvYnVmLldlbGxLbm93blR5cGVzYgZw\
            cm90bzM=
            """)

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

    private static let importedGoogleProtobufWrappers = SchemaFile(
        name: "google/protobuf/wrappers.proto",
        base64: """
            Ch5nb29nbGUvcHJvdG9idWYvd3JhcHBlcnMucHJvdG8SD2dvb2dsZS5wcm90b2J1ZiIjCgtEb3VibGVWYWx1ZRIUCgV2YWx1ZRgB\
            IAEoAVIFdmFsdWUiIgoKRmxvYXRWYWx1ZRIUCgV2YWx1ZRgBIAEoAlIFdmFsdWUiIgoKSW50NjRWYWx1ZRIUCgV2YWx1ZRgBIAEo\
            A1IFdmFsdWUiIwoLVUludDY0VmFsdWUSFAoFdmFsdWUYASABKARSBXZhbHVlIiIKCkludDMyVmFsdWUSFAoFdmFsdWUYASABKAVS\
            BXZhbHVlIiMKC1VJbnQzMlZhbHVlEhQKBXZhbHVlGAEgASgNUgV2YWx1ZSIhCglCb29sVmFsdWUSFAoFdmFsdWUYASABKAhSBXZh\
            bHVlIiMKC1N0cmluZ1ZhbHVlEhQKBXZhbHVlGAEgASgJUgV2YWx1ZSIiCgpCeXRlc1ZhbHVlEhQKBXZhbHVlGAEgASgMUgV2YWx1\
            ZUKDAQoTY29tLmdvb2dsZS5wcm90b2J1ZkINV3JhcHBlcnNQcm90b1ABWjFnb29nbGUuZ29sYW5nLm9yZy9wcm90b2J1Zi90eXBl\
            cy9rbm93bi93cmFwcGVyc3Bi+AEBogIDR1BCqgIeR29vZ2xlLlByb3RvYnVmLldlbGxLbm93blR5cGVzYgZwcm90bzM=
            """)
}
