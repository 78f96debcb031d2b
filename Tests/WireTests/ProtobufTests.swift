import MartletWire
import Testing
import WireMessages

@Suite("Protobuf")
struct ProtobufTests {
    // MARK: Scalars

    static let scalars: [(bytes: String, change: @Sendable (inout AllKinds) -> Void)] = [
        ("", { _ in }),
        ("09 00 00 00 00 00 00 F8 3F", { $0.doubleField = 1.5 }),
        ("09 00 00 00 00 00 00 00 80", { $0.doubleField = -0.0 }),
        ("15 00 00 C0 3F", { $0.floatField = 1.5 }),
        ("18 96 01", { $0.int32Field = 150 }),
        ("18 FF FF FF FF FF FF FF FF FF 01", { $0.int32Field = -1 }),
        ("20 80 80 80 80 80 80 80 80 80 01", { $0.int64Field = .min }),
        ("20 FF FF FF FF FF FF FF FF 7F", { $0.int64Field = .max }),
        ("28 FF FF FF FF 0F", { $0.uint32Field = .max }),
        ("30 FF FF FF FF FF FF FF FF FF 01", { $0.uint64Field = .max }),
        ("38 01", { $0.sint32Field = -1 }),
        ("38 FF FF FF FF 0F", { $0.sint32Field = .min }),
        ("40 FE FF FF FF FF FF FF FF FF 01", { $0.sint64Field = .max }),
        ("40 FF FF FF FF FF FF FF FF FF 01", { $0.sint64Field = .min }),
        ("4D 01 00 00 00", { $0.fixed32Field = 1 }),
        ("51 02 00 00 00 00 00 00 00", { $0.fixed64Field = 2 }),
        ("5D FF FF FF FF", { $0.sfixed32Field = -1 }),
        ("61 FE FF FF FF FF FF FF FF", { $0.sfixed64Field = -2 }),
        ("68 01", { $0.boolField = true }),
        ("72 07 74 65 73 74 69 6E 67", { $0.stringField = "testing" }),
        ("72 04 F0 9F 90 A6", { $0.stringField = "🐦" }),
        ("7A 02 00 FF", { $0.bytesField = [0, 255] }),
        ("80 01 01", { $0.color = .red }),
        ("80 01 F9 FF FF FF FF FF FF FF FF 01", { $0.color = Color(number: -7) }),
        ("8A 01 00", { $0.leaf = Leaf() }),
        ("8A 01 03 0A 01 61", { $0.leaf = Leaf(name: "a") }),
    ]

    @Test("each scalar has the bytes of the encoding specification, both ways", arguments: scalars.indices)
    func scalar(index: Int) throws {
        var message = AllKinds()
        Self.scalars[index].change(&message)
        let bytes = hex(Self.scalars[index].bytes)
        #expect(Protobuf.encode(message) == bytes)
        #expect(try Protobuf.decode(AllKinds.self, from: bytes) == message)
    }

    @Test("a double's -0 is written and read as such")
    func negativeZero() throws {
        #expect(try decoded(AllKinds.self, "09 00 00 00 00 00 00 00 80").doubleField.sign == .minus)
    }

    @Test("the integers of 32 bits are cut off, those of 8 and 16 bits are refused")
    func widths() throws {
        #expect(try decoded(AllKinds.self, "18 FF FF FF FF FF 01").int32Field == -1)
        #expect(try decoded(AllKinds.self, "28 81 80 80 80 10").uint32Field == 1)
        #expect(try decoded(AllKinds.self, "68 80 80 80 80 10").boolField)
        #expect(try decoded(Narrow.self, "08 FF 01 10 80 FF FF FF FF FF FF FF FF 01").byte == 255)
        let error = protobufError(Narrow.self, hex("08 80 02"))
        #expect(error == ProtobufError(.outOfRange, "256 is not a value of uint8", offset: 1, path: ["byte"]))
        #expect(protobufError(Narrow.self, hex("10 80 80 02"))?.kind == .outOfRange)
    }

    struct Narrow: Message {
        static let messageName = "Narrow"
        var byte: UInt8 = 0
        var short: Int16 = 0

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "byte", &byte)
            visit.field(2, "short", &short)
        }
    }

    // MARK: Containers

    static let containers: [(bytes: String, change: @Sendable (inout Containers) -> Void)] = [
        ("08 00", { $0.maybeInt = 0 }),
        ("12 00", { $0.maybeString = "" }),
        ("1A 06 03 8E 02 9E A7 05", { $0.numbers = [3, 270, 86942] }),
        ("22 04 01 02 00 03", { $0.zigZags = [-1, 1, 0, -2] }),
        ("2A 08 00 00 00 00 00 00 F8 3F", { $0.doubles = [1.5] }),
        ("30 01 30 00 30 03", { $0.unpacked = [1, 0, 3] }),
        ("3A 01 61 3A 00 3A 01 62", { $0.names = ["a", "", "b"] }),
        ("42 00 42 02 10 05", { $0.leaves = [Leaf(), Leaf(number: 5)] }),
        ("4A 03 01 00 09", { $0.colors = [.red, Color(number: 0), Color(number: 9)] }),
        ("52 05 0A 01 61 10 00", { $0.counts = ["a": 0] }),
        ("5A 06 08 2A 12 02 10 01", { $0.byNumber = [42: Leaf(number: 1)] }),
        ("62 05 08 00 12 01 6E", { $0.byFlag = [false: "n"] }),
        ("6A 0B 08 01 11 07 00 00 00 00 00 00 00", { $0.bySigned = [-1: 7] }),
        ("A2 01 00", { $0.choice = .text("") }),
        ("A8 01 00", { $0.choice = .count(0) }),
        ("B2 01 02 10 01", { $0.choice = .leaf(Leaf(number: 1)) }),
    ]

    @Test("each container has the bytes of the encoding specification, both ways", arguments: containers.indices)
    func container(index: Int) throws {
        var message = Containers()
        Self.containers[index].change(&message)
        let bytes = hex(Self.containers[index].bytes)
        #expect(Protobuf.encode(message) == bytes)
        #expect(try Protobuf.decode(Containers.self, from: bytes) == message)
    }

    @Test("numbers are read packed and unpacked, in any mixture")
    func packing() throws {
        #expect(try decoded(Containers.self, "18 01 1A 02 02 03 18 04 1A 00").numbers == [1, 2, 3, 4])
        #expect(try decoded(Containers.self, "32 02 01 02 30 03").unpacked == [1, 2, 3])
        #expect(try decoded(Containers.self, "29 00 00 00 00 00 00 F8 3F").doubles == [1.5])
    }

    @Test("fields come in any order, interleaved, under tags longer than they need to be")
    func order() throws {
        let message = try decoded(Containers.self, "3A 01 61 08 01 3A 01 62 12 01 7A BA 00 01 63 08 02")
        #expect(message.names == ["a", "b", "c"])
        #expect(message.maybeInt == 2)
        #expect(message.maybeString == "z")
    }

    @Test("of a field that comes twice the last value counts, and messages merge")
    func merge() throws {
        #expect(try decoded(AllKinds.self, "18 01 18 02").int32Field == 2)
        let twice = try decoded(AllKinds.self, "8A 01 06 0A 01 61 1A 01 78 8A 01 05 10 05 1A 01 79")
        #expect(twice.leaf == Leaf(name: "a", number: 5, tags: ["x", "y"]))
        let map = try decoded(Containers.self, "52 05 0A 01 61 10 01 52 05 0A 01 61 10 02 52 00")
        #expect(map.counts == ["a": 2, "": 0])
    }

    @Test("of a oneof the last member counts; the same message twice merges")
    func oneof() throws {
        #expect(try decoded(Containers.self, "A2 01 01 61 A8 01 07").choice == .count(7))
        #expect(try decoded(Containers.self, "A8 01 07 A2 01 01 61").choice == .text("a"))
        let merged = try decoded(Containers.self, "B2 01 03 0A 01 61 B2 01 02 10 01")
        #expect(merged.choice == .leaf(Leaf(name: "a", number: 1)))
        let apart = try decoded(Containers.self, "B2 01 03 0A 01 61 A8 01 07 B2 01 02 10 01")
        #expect(apart.choice == .leaf(Leaf(number: 1)))
    }

    @Test("a map's entry may lack its key and its value, have them twice, in any order, and have more")
    func entries() throws {
        #expect(try decoded(Containers.self, "52 02 10 05").counts == ["": 5])
        #expect(try decoded(Containers.self, "52 0A 10 05 0A 01 61 0A 01 62 18 09").counts == ["b": 5])
        // A key of another type is none.
        #expect(try decoded(Containers.self, "52 04 08 01 10 05").counts == ["": 5])
    }

    // MARK: Unknown fields

    @Test("what the schema does not know is kept as it came, and goes out after the fields")
    func unknown() throws {
        let unknown =
            "98 06 01 A2 06 01 FF A9 06 01 02 03 04 05 06 07 08 B5 06 01 02 03 04 BB 06 08 01 C3 06 C4 06 BC 06"
        let message = try decoded(AllKinds.self, unknown + "18 05")
        #expect(message.int32Field == 5)
        #expect(message.unknownFields.bytes == hex(unknown))
        #expect(Protobuf.encode(message) == hex("18 05" + unknown))
        #expect(try decoded(Forgetful.self, unknown + "10 05").number == 5)
        #expect(Protobuf.encode(try decoded(Forgetful.self, unknown + "10 05")) == hex("10 05"))
    }

    @Test("a field of another wire type is unknown")
    func wireTypes() throws {
        for bytes in ["1A 01 05", "1D 01 02 03 04", "70 05", "0D 00 00 00 00", "88 01 05", "68 01 6A 00"] {
            let message = try decoded(AllKinds.self, bytes)
            #expect(!message.unknownFields.isEmpty, "\(bytes)")
            #expect(Protobuf.encode(message) == hex(bytes))
        }
        #expect(try decoded(Containers.self, "3A 01 61 38 05 3A 01 62").names == ["a", "b"])
        #expect(try decoded(Containers.self, "0A 01 61").maybeInt == nil)
        #expect(try decoded(Containers.self, "A2 01 01 61 A0 01 05").choice == .text("a"))
        #expect(try decoded(Containers.self, "50 05").counts == [:])
    }

    // MARK: Errors

    static let malformed: [(bytes: String, kind: ProtobufError.Kind, offset: Int, path: [String])] = [
        ("18", .truncated, 1, ["int32_field"]),
        ("18 80", .truncated, 1, ["int32_field"]),
        ("80", .truncated, 0, []),
        ("18 05 00", .malformed, 2, []),
        ("05", .malformed, 0, []),
        ("18 80 80 80 80 80 80 80 80 80 02", .malformed, 1, ["int32_field"]),
        ("18 80 80 80 80 80 80 80 80 80 80 00", .malformed, 1, ["int32_field"]),
        ("80 80 80 80 80 01 00", .malformed, 0, []),
        ("1E", .malformed, 0, []),
        ("1F", .malformed, 0, []),
        ("1C", .malformed, 0, []),
        ("09 00 00 00", .truncated, 1, ["double_field"]),
        ("15 00", .truncated, 1, ["float_field"]),
        ("72 05 61", .truncated, 1, ["string_field"]),
        ("7A FF FF FF FF FF FF FF FF FF 01", .truncated, 1, ["bytes_field"]),
        ("72 02 C3 28", .invalidUTF8, 2, ["string_field"]),
        ("72 03 ED A0 80", .invalidUTF8, 2, ["string_field"]),
        ("8A 01 04 0A 02 C3 28", .invalidUTF8, 5, ["leaf", "name"]),
        ("8A 01 02 0A 05 61 61 61 61 61", .truncated, 4, ["leaf", "name"]),
        ("A2 06 02 01", .truncated, 2, []),
        ("9B 06 08 01", .truncated, 4, []),
        ("9B 06 A4 06", .malformed, 2, []),
    ]

    @Test("what is malformed is an error that names the byte and the field", arguments: malformed.indices)
    func error(index: Int) {
        let row = Self.malformed[index]
        let error = protobufError(AllKinds.self, hex(row.bytes))
        #expect(error?.kind == row.kind)
        #expect(error?.offset == row.offset)
        #expect(error?.path == row.path)
    }

    @Test("every prefix of a message is read or refused, and every byte of it may be wrong")
    func damage() {
        var message = Containers()
        for row in Self.containers { row.change(&message) }
        let bytes = Protobuf.encode(message)
        for count in bytes.indices { _ = protobufError(Containers.self, Array(bytes[..<count])) }
        for index in bytes.indices {
            for value in [0, 0x7F, 0x80, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[index] = value
                _ = protobufError(Containers.self, damaged)
            }
        }
    }

    @Test("a number that a closed enumeration does not have is refused")
    func closedEnumeration() {
        let error = protobufError(Everything.self, hex("90 01 07"))
        #expect(error == ProtobufError(.outOfRange, "7 is not a value of Level", offset: 2, path: ["level"]))
        #expect(error?.description == "protobuf: 7 is not a value of Level (field level, byte 2)")
    }

    @Test("arrays of arrays are an error, not a crash")
    func unsupported() {
        #expect(protobufError(Everything.self, hex("D2 01 00"))?.kind == .unsupported)
        #expect(protobufError(Everything.self, hex("DA 01 00"))?.kind == .unsupported)
    }

    @Test("a message larger or deeper than the limits is refused")
    func limits() {
        let small = ProtobufLimits(size: 3)
        #expect(protobufError(Leaf.self, hex("0A 01 61"), limits: small) == nil)
        #expect(protobufError(Leaf.self, hex("0A 02 61 61"), limits: small)?.kind == .tooLarge)
        #expect(protobufError(Tree.self, Self.tree(100)) == nil)
        #expect(protobufError(Tree.self, Self.tree(101))?.kind == .tooDeep)
        #expect(protobufError(Tree.self, [UInt8](repeating: 0x1B, count: 1_000_000))?.kind == .tooDeep)
        #expect(ProtobufLimits(nesting: .max).nesting == ProtobufLimits.maximumNesting)
        #expect(ProtobufLimits().size == 4_194_304)
    }

    static func tree(_ depth: Int) -> [UInt8] {
        var tree = Tree()
        for _ in 1..<depth { tree = Tree(children: [tree]) }
        return Protobuf.encode(tree)
    }

    // MARK: Lengths

    @Test("lengths of one, two, three and four bytes are right", arguments: [0, 127, 128, 16_383, 16_384, 2_097_152])
    func lengths(count: Int) throws {
        let leaf = Leaf(name: String(repeating: "x", count: count), number: 7)
        var message = Containers()
        message.leaves = [leaf, leaf]
        message.byNumber = [1: leaf]
        message.numbers = Array(repeating: 1, count: count)
        let limits = ProtobufLimits(size: .max)
        #expect(try Protobuf.decode(Containers.self, from: Protobuf.encode(message), limits: limits) == message)
    }

    @Test("encoding appends to what is there")
    func appending() {
        var bytes: [UInt8] = [1, 2]
        Protobuf.encode(Leaf(number: 5), into: &bytes)
        #expect(bytes == hex("01 02 10 05"))
        #expect(Protobuf.withEncoded(Leaf()) { $0.count } == 0)
    }
}
