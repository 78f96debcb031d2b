import GobVectors
import MartletWire
import Testing
import WireMessages

@Suite("Gob")
struct GobTests {
    // MARK: Go's own connections

    @Test("what Go's client and server sent each other reads, and is written again to the byte", arguments: gobVectors)
    func vectors(vector: GobVector) throws {
        try check(vector.client, header: RPCRequest.self, vector)
        try check(vector.server, header: RPCResponse.self, vector)
    }

    /// Header and body in turns; of the body the kind follows from the case and the header.
    private func check<Header: Message & CallHeader>(
        _ bytes: [UInt8], header: Header.Type, _ vector: GobVector
    ) throws {
        var stream = GobStream(bytes)
        let encoder = GobEncoder()
        var calls = 0
        func copy<Value: FieldValue>(_ type: Value.Type) throws {
            encoder.encode(try #require(try stream.next(type)))
        }
        while let header = try stream.next(Header.self) {
            encoder.encode(header)
            calls += 1
            switch (header.serviceMethod, header.isRequest, header.hasError) {
            case (_, false, true), ("Lab.Empty", _, _): try copy(GobEmpty.self)
            case ("Lab.Int", _, _): try copy(Int.self)
            case ("Lab.Uint", _, _): try copy(UInt.self)
            case ("Lab.Bool", _, _): try copy(Bool.self)
            case ("Lab.Bytes", _, _): try copy([UInt8].self)
            case ("Lab.Strings", _, _): try copy([String].self)
            case ("Lab.Ints", _, _): try copy([Int].self)
            case (_, true, _) where vector.name == "nonstruct": try copy(String.self)
            case (_, true, _): try copy(RPCPayload.self)
            case (_, false, _): try copy(String.self)
            }
        }
        #expect(calls > 0)
        #expect(stream.offset == bytes.count)
        #expect([UInt8](encoder.bytes) == bytes)
    }

    // MARK: Every kind of value

    @Test("a struct with a field of every kind is what Go makes of it, full and zero")
    func everything() throws {
        #expect(gob(firstTypeID: 65, GobEverything.full, GobEverything.zero) == GobStreams.everything)
        var stream = GobStream(GobStreams.everything)
        #expect(try stream.next(GobEverything.self) == .full)
        #expect(try stream.next(GobEverything.self) == .zero)
        #expect(try stream.next(GobEverything.self) == nil)
    }

    @Test("a type that holds itself has one definition")
    func recursiveType() throws {
        let tree = GobTree(
            name: "root", children: [GobTree(name: "a"), GobTree(name: "b", children: [GobTree(name: "c")])])
        #expect(gob(firstTypeID: 76, tree) == GobStreams.tree)
        var stream = GobStream(GobStreams.tree)
        #expect(try stream.next(GobTree.self) == tree)
    }

    @Test("Go's arrays read as arrays")
    func arrays() throws {
        var stream = GobStream(GobStreams.fixed)
        let expected = GobFixed(triple: [1, 0, 3], names: ["x", ""], grid: [[1, 2], [3, 4]])
        #expect(try stream.next(GobFixed.self) == expected)
    }

    @Test("values that are no structs stand alone, and a zone does not change an instant")
    func topLevel() throws {
        var stream = GobStream(GobStreams.maps)
        #expect(try stream.next([String: Int].self) == ["k": 5])
        #expect(try stream.next([String: [String]].self) == ["a": ["b"]])
        #expect(try stream.next([[Int]].self) == [[1], []])
        #expect(try stream.next([GobInner].self) == [GobInner(x: 1, name: "x")])
        #expect(try stream.next(Timestamp.self) == Timestamp("2000-01-01T00:00:00+01:00"))
        #expect(try stream.next(Double.self) == 3.5)
        #expect(try stream.next(Float.self) == 2)
        #expect(try stream.next(Float.self) == nil)
    }

    @Test("an optional keeps a zero apart from nothing")
    func presence() throws {
        var value = GobEverything.zero
        value.number = 0
        value.pointer = GobInner()
        var stream = GobStream(gob(value))
        #expect(try stream.next(GobEverything.self) == value)
    }

    @Test("what Go has no form for goes through and back: enumerations, any JSON, holes")
    func ownKinds() throws {
        var value = Everything()
        value.level = .error
        value.weekday = .tuesday
        value.any = ["a": [1, nil, true]]
        value.holes = ["x", "", "y"]
        value.time = .goZero
        value.messages = [LogPayload(name: "n", data: "d")]
        var stream = GobStream(gob(value))
        #expect(try stream.next(Everything.self) == value)
    }

    @Test("maps with keys of any kind, and members of a oneof, go through and back")
    func containers() throws {
        var value = Containers()
        value.maybeInt = 0
        value.counts = ["a": 1, "b": 0]
        value.byNumber = [-1: Leaf(), 1 << 40: Leaf()]
        value.byFlag = [true: "yes", false: ""]
        value.bySigned = [-5: .max]
        for choice in [nil, .text(""), .count(0), .count(-7), .leaf(Leaf())] as [Containers.Choice?] {
            value.choice = choice
            var stream = GobStream(gob(value))
            #expect(try stream.next(Containers.self) == value)
        }
        var other = GobStream(gob([Int32(5): "five"]))
        #expect(
            other.failure([String: String].self)?.message
                == "gob: decoding into local type *map[string]string, received remote type map[int]string")
    }

    @Test("a duration is an integer of nanoseconds, as in Go")
    func durations() throws {
        var stream = GobStream(gob(Duration.seconds(2)))
        #expect(try stream.next(Int64.self) == 2_000_000_000)
        stream = GobStream(gob(Int64(5)))
        #expect(try stream.next(Duration.self) == .nanoseconds(5))
    }

    @Test("a field's name has its first letters in upper case and no underscores")
    func fieldNames() throws {
        struct Names: Message {
            static let messageName = "Names"
            var a = ""
            mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
                visit.field(1, "log_entry", &a)
                visit.field(2, "userID", &a)
                visit.field(3, "x_y_2z", &a)
            }
        }
        let text = String(decoding: gob(Names()), as: UTF8.self)
        for name in ["LogEntry", "UserID", "XY2z"] { #expect(text.contains(name)) }
    }

    // MARK: Types that differ

    @Test("fields are matched by name: in any order, unknown ones passed over, missing ones zero")
    func fieldsByName() throws {
        struct Other: Message, Equatable {
            static let messageName = "Other"
            var places: [String: GobInner] = [:]
            var when = Timestamp()
            var missing = "kept"
            var text = ""
            var bool = false
            mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
                visit.field(1, "places", &places)
                visit.field(2, "when", &when)
                visit.field(3, "missing", &missing)
                visit.field(4, "text", &text)
                visit.field(5, "bool", &bool)
            }
        }
        var stream = GobStream(GobStreams.everything)
        let full = GobEverything.full
        let expected = Other(places: full.places, when: full.when, missing: "kept", text: full.text, bool: true)
        #expect(try stream.next(Other.self) == expected)
        #expect(try stream.next(Other.self) == Other(when: .goZero))
    }

    @Test("definitions may come in any order and have any number")
    func anyNumbers() throws {
        // The slice 100000 of the struct 70, defined before it.
        let element = "16 ff8b 03 01 02 ff8c 00 01 01 01 04 4e616d65 01 0c 00 00 00"
        let slice = "0c fd061a7f 02 01 02 fd061a80 00 01 ff8c 00 00"
        let value = "0a fd061a80 00 01 01 01 61 00"
        func message(_ text: String) -> [UInt8] {
            let body = Array(bytes(hexadecimal: text).dropFirst())
            return [UInt8(body.count)] + body
        }
        var read = GobStream(message(slice) + message(element) + message(value))
        #expect(try read.next([RPCPayloadName].self) == [RPCPayloadName(name: "a")])
    }

    struct RPCPayloadName: Message, Equatable {
        static let messageName = "N"
        var name = ""
        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "name", &name) }
    }

    @Test("the texts for what does not fit are Go's, and the stream goes on")
    func mismatches() throws {
        struct WrongName: Message {
            static let messageName = "main.RPCPayload"
            var name = 0
            mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "name", &name) }
        }
        var stream = GobStream(gob(RPCPayload(name: "a"), "text", GobInner(), RPCPayload(name: "b"), 3))
        #expect(stream.failure(WrongName.self)?.message == "gob: wrong type (int) for received field RPCPayload.Name")
        #expect(
            stream.failure(RPCPayload.self)?.message
                == "gob: type mismatch in decoder: want struct type main.RPCPayload; got non-struct")
        #expect(
            stream.failure(RPCResponse.self)?.message
                == "gob: type mismatch: no fields matched compiling decoder for Response")
        #expect(try stream.next(RPCPayload.self) == RPCPayload(name: "b"))
        let error = stream.failure([UInt8].self)
        #expect(error?.message == "gob: decoding into local type *[]uint8, received remote type int")
        #expect(error?.kind == .mismatch)
    }

    @Test("bytes are no string and a string no bytes")
    func bytesAreNoString() {
        var stream = GobStream(gob([UInt8(1)], "a"))
        #expect(
            stream.failure(String.self)?.message == "gob: decoding into local type *string, received remote type bytes")
        #expect(
            stream.failure([UInt8].self)?.message
                == "gob: decoding into local type *[]uint8, received remote type string")
    }

    @Test("a number that the field cannot hold is an error that names the field")
    func ranges() {
        var stream = GobStream(GobStreams.narrow)
        #expect(stream.failure(GobNarrow.self)?.message == #"value for "Small" out of range"#)
        stream = GobStream(GobStreams.narrow)
        let error = stream.failure(GobSingle.self)
        #expect(error?.message == #"value for "Single" out of range"#)
        #expect(error?.kind == .value)
    }
}

private protocol CallHeader {
    var serviceMethod: String { get }
    var isRequest: Bool { get }
    var hasError: Bool { get }
}

extension RPCRequest: CallHeader {
    fileprivate var isRequest: Bool { true }
    fileprivate var hasError: Bool { false }
}

extension RPCResponse: CallHeader {
    fileprivate var isRequest: Bool { false }
    fileprivate var hasError: Bool { !error.isEmpty }
}
