import GeneratedCode
import MartletWire
import Testing

@Suite("Generated messages")
struct GeneratedMessageTests {
    private func comesBack<Value: Message & Equatable>(_ value: Value) throws -> Bool {
        let inJSON = JSON.encode(value, options: .proto3)
        return try Protobuf.decode(Value.self, from: Protobuf.encode(value)) == value
            && JSON.decode(Value.self, from: inJSON, options: .proto3) == value
    }

    @Test("a message that holds itself is read, written and copied like any other")
    func recursion() throws {
        var chain = Chain(name: "end")
        for number in 0..<20 { chain = Chain(name: "\(number)", next: chain, many: [Chain()], named: ["a": Chain()]) }
        #expect(try comesBack(chain))
        var copy = chain
        copy.next?.name = "changed"
        #expect(chain.next?.name == "18")
        #expect(copy.next?.name == "changed")
        #expect(copy != chain)
        copy.next = nil
        #expect(copy.next == nil)
        #expect(chain.next != nil)
    }

    @Test("gob has them too, by the names of Go")
    func gob() throws {
        let values = [
            Chain(name: "a", next: Chain(name: "b", next: Chain()), named: ["c": Chain()]), Chain(),
            Chain(next: Chain()),
        ]
        let encoder = GobEncoder()
        for value in values { encoder.encode(value) }
        let decoder = GobDecoder()
        try [UInt8](encoder.bytes).withUnsafeBytes { bytes in
            var offset = 0
            for value in values {
                let message = try #require(try decoder.next(in: bytes, at: &offset))
                #expect(try decoder.decode(Chain.self, from: message, in: bytes) == value)
            }
        }
    }

    @Test("a message inside itself that comes in pieces is put together")
    func merging() throws {
        let bytes = Protobuf.encode(Chain(next: Chain(name: "a"))) + Protobuf.encode(Chain(next: Chain(next: Chain())))
        let merged = try Protobuf.decode(Chain.self, from: bytes)
        #expect(merged == Chain(next: Chain(name: "a", next: Chain())))
    }

    @Test("messages that hold each other, one in a oneof, are read and written")
    func mutualRecursion() throws {
        let value = Left(right: Right(side: .left(Left(right: Right(side: .end("x")), number: 2))), number: 1)
        #expect(try comesBack(value))
        #expect(value.right?.left?.right?.end == "x")
    }

    @Test("of a oneof there is at most one member, whichever way it is set")
    func oneofs() throws {
        var value = Keywords()
        value.none = "a"
        #expect(value.choice == .noneCase("a"))
        value.value = 0
        #expect(value.none == nil)
        #expect(value.choice == .value(0))
        value.none = nil
        #expect(value.choice == .value(0), "to take away what is not there changes nothing")
        value.payloads = Keywords(description: "inner")
        value.payloads?.in = "changed"
        #expect(value.choice == .payloads(Keywords(description: "inner", in: "changed")))
        value.b = [1]
        #expect(try comesBack(value))
        value.payloads = nil
        #expect(value.choice == nil)
        #expect(value.keywords == .b([1]))
    }

    @Test("names that Swift has taken stay as they are on the wire")
    func names() throws {
        var value = Keywords(selfField: "a", initField: "b", type: "c", default: "d", visit: "e")
        value.odd = "f"
        value.hashValueField = "g"
        let text = #"{"self":"a","init":"b","Type":"c","default":"d","visit":"e","hashValue":"g","odd one":"f"}"#
        #expect(String(decoding: JSON.encode(value, options: .proto3), as: UTF8.self) == text)
        #expect(try comesBack(value))
        #expect(Set([value, value]).count == 1)
    }

    @Test("a message may be called as a type of Swift, and a nested one as its neighbour")
    func typeNames() throws {
        #expect(try comesBack(StringMessage(value: "a", string: StringMessage(value: "b"))))
        #expect(StringMessage.messageName == "martlet.names.String")
        #expect(try comesBack(TypeMessage(type: .typeSelf)))
        #expect(try comesBack(Outer(outer: .init(name: "a"), leaf: .init(number: 1), other: Leaf(name: "b"))))
    }

    @Test("an enumeration keeps numbers that it has no name for, and knows aliases")
    func enums() throws {
        #expect(
            try comesBack(Everything(maybeLevel: Level(number: 99), levels: [.low, .belowZero, Level(number: -7)])))
        #expect(Level.low == Level.small)
        #expect(Level.small.name == "LOW")
        #expect(Level(name: "SMALL") == .low)
        #expect(Level(name: "none") == nil)
        #expect(Level(number: 99).name == nil)
        #expect(Level.fieldDefault == Level.none)
    }

    @Test("what is optional is there or not, default or not")
    func presence() throws {
        let value = Everything(maybe: false, maybeLevel: Level.fieldDefault, maybeBytes: [])
        #expect(Protobuf.encode(value) == [0x08, 0, 0x10, 0, 0x1A, 0])
        #expect(try comesBack(value))
        #expect(Protobuf.encode(Everything()) == [])
    }

    @Test("maps with fixed and signed numbers, and fields out of order, come back")
    func kinds() throws {
        let value = Everything(
            chunks: [[], [1, 2]], levels: [.low, .low], byNumber: [.max: .old], byFixed: [7: -1], lastInOrder: "z")
        #expect(try comesBack(value))
        // by_fixed = { 7: -1 }: the key in four bytes, the value zigzag.
        #expect(Protobuf.encode(Everything(byFixed: [7: -1])) == [0x3A, 7, 0x0D, 7, 0, 0, 0, 0x10, 1])
        // levels are not packed.
        #expect(Protobuf.encode(Everything(levels: [.low, .low])) == [0x28, 1, 0x28, 1])
        // Written by number, not in the order of the schema.
        let bytes = Protobuf.encode(Everything(time: Timestamp(seconds: 1), lastInOrder: "z"))
        #expect(bytes == [0x5A, 1, 0x7A, 0xA2, 1, 2, 8, 1])
    }

    @Test("fields of a newer schema come back")
    func unknownFields() throws {
        let newer = Protobuf.encode(Leaf(name: "a")) + [0xF8, 0x01, 5]
        let value = try Protobuf.decode(Leaf.self, from: newer)
        #expect(value.name == "a")
        #expect(Protobuf.encode(value) == newer)
        #expect(value != Leaf(name: "a"))
    }
}
