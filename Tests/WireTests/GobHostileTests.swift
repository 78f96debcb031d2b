import GobVectors
import MartletWire
import Testing

@Suite("Gob from strangers")
struct GobHostileTests {
    @Test("a stream in pieces of any size reads as it does whole")
    func pieces() throws {
        let whole = GobStreams.everything
        for cut in 0...whole.count {
            let decoder = GobDecoder()
            var values: [GobEverything] = []
            var received: [UInt8] = []
            for piece in [whole[..<cut], whole[cut...]] {
                received += piece
                var offset = 0
                try received.withUnsafeBytes { bytes in
                    while let message = try decoder.next(in: bytes, at: &offset) {
                        values.append(try decoder.decode(from: message, in: bytes))
                    }
                }
                received.removeFirst(offset)
            }
            #expect(received.isEmpty)
            #expect(values == [.full, .zero])
        }
    }

    @Test("a message that ends early or is changed anywhere is an error or another value, and costs nothing else")
    func changed() {
        let whole = GobStreams.everything
        for index in whole.indices {
            for change: UInt8 in [0, 0x7F, 0xFF] {
                var bytes = whole
                bytes[index] = change
                var stream = GobStream(bytes)
                for _ in 0..<3 where stream.failure(GobEverything.self)?.kind == .stream { break }
                var skipping = GobStream(bytes)
                do throws(GobError) { while try skipping.skip() {} } catch { #expect(error.kind == .stream) }
            }
        }
    }

    @Test(
        "what no stream may hold ends it",
        arguments: [
            ("f7", "gob: encoded unsigned integer out of range"),
            ("f8ffffffffffffffff", "gob: a message of 18446744073709551615 bytes is over the limit of 1048576"),
            ("00", "gob: unknown type id or corrupted data"), ("0100", "gob: unknown type id or corrupted data"),
            // A value of a type that was not defined; a definition of one that may not be; one that is none.
            ("03ff8200", "gob: unknown type id or corrupted data"), ("0103", "gob: duplicate type received"),
            ("037f0000", "gob: unknown type id or corrupted data"),
            ("0b7f03010101020102010200", "gob: unknown type id or corrupted data"),
            // The same number twice, and more behind a definition.
            ("0a7f030102ff80000000 097f030102ff80000000", "gob: extra data in buffer"),
            ("097f030102ff80000000097f030102ff80000000", "gob: duplicate type received"),
        ])
    func brokenStreams(text: String, message: String) {
        var stream = GobStream(bytes(hexadecimal: text))
        var error: GobError?
        for _ in 0..<3 where error == nil { error = stream.failure(GobEmpty.self) }
        #expect(error?.message == message)
        #expect(error?.kind == .stream)
    }

    @Test("a message over the limit is refused by its length alone")
    func messageLimit() throws {
        let value = RPCPayload(name: "a", data: String(repeating: "b", count: 1000))
        var stream = GobStream(gob(value), limits: GobLimits(message: 2000))
        #expect(try stream.next(RPCPayload.self) == value)
        stream = GobStream(Array(gob(value).prefix(50)), limits: GobLimits(message: 500))
        #expect(stream.failure(RPCPayload.self)?.kind == .stream)
    }

    @Test("a stream may define so many types, and so many bytes of them")
    func definitionLimits() {
        func definition(_ id: Int) -> [UInt8] {
            let body = bytes(hexadecimal: "fe") + [UInt8((2 * id - 1) >> 8), UInt8((2 * id - 1) & 255)]
            let rest = bytes(hexadecimal: "03010202000000")
            return [UInt8(body.count + rest.count)] + body + rest
        }
        var limits = GobLimits()
        limits.definitions = 3
        var stream = GobStream((200...203).flatMap(definition), limits: limits)
        #expect(stream.failure(GobEmpty.self)?.message == "gob: too many types on one stream")
        limits.definitions = 100
        limits.definitionBytes = 30
        stream = GobStream((200...203).flatMap(definition), limits: limits)
        #expect(stream.failure(GobEmpty.self)?.message == "gob: too many types on one stream")
    }

    @Test("a count that the bytes do not bear out makes no memory")
    func counts() {
        // []string with 2^40 elements.
        var stream = GobStream(bytes(hexadecimal: "0cff81020102ff8200010c0000 0aff8200fa010000000000"))
        let error = stream.failure([String].self)
        #expect(error?.message.contains("length exceeds input size") == true)
        #expect(error?.kind == .value)
    }

    @Test("empty structs by the thousand are bounded by the memory they take")
    func elementMemory() {
        let value = [GobEverything](repeating: GobEverything(), count: 2000)
        var limits = GobLimits()
        limits.elementBytes = 100_000
        var stream = GobStream(gob(value), limits: limits)
        #expect(stream.failure([GobEverything].self)?.message.contains("bytes of memory") == true)
        stream = GobStream(gob(value))
        #expect(stream.failure([GobEverything].self) == nil)
    }

    @Test("types that hold themselves without an end are refused by their depth, read or passed over")
    func endlessNesting() {
        // 65 is a slice of 65; the value opens 300 of them.
        let slice = bytes(hexadecimal: "0cff81020102ff820001ff820000").dropFirst()
        let open = [UInt8](repeating: 1, count: 300)
        let body = bytes(hexadecimal: "ff8200") + open + [0]
        let value = [0xFE, UInt8(body.count >> 8), UInt8(body.count & 255)] + body
        var stream = GobStream([UInt8(slice.count)] + slice + value)
        #expect(stream.failure([[[[Int]]]].self)?.kind == .mismatch)

        var deep = GobTree(name: "leaf")
        for _ in 0..<100 { deep = GobTree(name: "", children: [deep]) }
        stream = GobStream(gob(deep))
        #expect(stream.failure(GobTree.self)?.message == "gob: value is nested too deep")
        stream = GobStream(gob(deep), limits: GobLimits(nesting: 256))
        #expect(stream.failure(GobTree.self) == nil)
    }

    @Test("a long chain of types is not followed without an end")
    func chainOfTypes() {
        // Tree 200 has children []201, 201 has children []202 …: each a slice and a struct of its own.
        var stream: [UInt8] = []
        func number(_ value: Int) -> [UInt8] { [0xFE, UInt8(value >> 8), UInt8(value & 255)] }
        func message(_ body: [UInt8]) { stream += [UInt8(body.count)] + body }
        for id in stride(from: 200, to: 600, by: 2) {
            message(
                number(2 * id - 1) + [3, 1, 2] + number(2 * id) + [0, 1, 1, 1, 8] + Array("Children".utf8) + [1]
                    + number(2 * (id + 1)) + [0, 0, 0])
            message(
                number(2 * id + 1) + [2, 1, 2] + number(2 * (id + 1)) + [0, 1] + number(2 * (id + 2)) + [0, 0])
        }
        message(number(400) + [0])
        var read = GobStream(stream)
        #expect(read.failure(GobTree.self)?.message == "gob: types are nested too deep")
    }

    @Test("an error says where in the stream it is")
    func offsets() {
        let good = gob(RPCPayload(name: "a"))
        var stream = GobStream(good + [3, 0xFF, 0x90, 0])
        #expect(stream.failure(RPCPayload.self) == nil)
        #expect(stream.failure(RPCPayload.self)?.offset == good.count + 3)
    }
}
