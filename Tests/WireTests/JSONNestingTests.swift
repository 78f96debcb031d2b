import MartletWire
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("Deep nesting")
struct JSONNestingTests {
    static func arrays(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    static func trees(_ depth: Int) -> String {
        String(repeating: #"{"children":["#, count: depth / 2) + String(repeating: "]}", count: depth / 2)
    }

    @Test("the limit itself is accepted, one more is not")
    func limit() {
        #expect(failure(JSONValue.self, Self.arrays(128)) == nil)
        #expect(failure(JSONValue.self, Self.arrays(129))?.message == "exceeded max depth")
        #expect(failure(LogPayload.self, #"{"unknown":"# + Self.arrays(127) + "}") == nil)
        #expect(failure(LogPayload.self, #"{"unknown":"# + Self.arrays(128) + "}")?.kind == .tooDeep)
        #expect(failure(Tree.self, Self.trees(128)) == nil)
        #expect(failure(Tree.self, Self.trees(130))?.kind == .tooDeep)
        #expect(failure(LogPayload.self, "{}", limits: JSONLimits(nesting: 0))?.kind == .tooDeep)
        #expect(JSONLimits(nesting: .max).nesting == JSONLimits.maximumNesting)
    }

    @Test("a document of nothing but brackets costs no more than its bytes")
    func brackets() {
        #expect(failure(JSONValue.self, String(repeating: "[", count: 1_000_000))?.kind == .tooDeep)
        #expect(failure(LogPayload.self, #"{"x":"# + String(repeating: "[", count: 1_000_000))?.kind == .tooDeep)
    }

    @Test(
        "brackets close what they opened, at every depth the skipper packs into a word", arguments: [63, 64, 65, 128])
    func mixed(depth: Int) {
        let open = (0..<depth).map { $0 % 3 == 0 ? #"{"a":"# : "[" }.joined()
        let close = (0..<depth).reversed().map { $0 % 3 == 0 ? "}" : "]" }.joined()
        let text = Array((open + "1" + close).utf8)
        #expect(throws: Never.self) { try JSON.validate(text) }
        #expect(failure(JSONValue.self, text) == nil)
        var wrong = text
        wrong[text.count - 1] = UInt8(ascii: "]")
        #expect(throws: JSONError.self) { try JSON.validate(wrong) }
    }

    @Test("the deepest documents are read, written and freed on a stack of 512 KiB")
    func smallStack() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        #expect(pthread_attr_setstacksize(&attributes, 512 * 1024) == 0)
        var thread = pthread_t()
        let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { _ in
            let limits = JSONLimits(nesting: JSONLimits.maximumNesting)
            let values = JSONNestingTests.arrays(limits.nesting)
            let trees = JSONNestingTests.trees(limits.nesting)
            guard let value = try? read(JSONValue.self, values, limits: limits), written(value) == values,
                let tree = try? read(Tree.self, trees, limits: limits),
                let again = try? read(Tree.self, written(tree), limits: limits), again == tree
            else { return nil }
            // The protobuf of as many messages, and of as deep a value as fits their levels.
            let deepest = ProtobufLimits(nesting: ProtobufLimits.maximumNesting)
            let deepTree = ProtobufTests.tree(deepest.nesting)
            guard let tree = try? Protobuf.decode(Tree.self, from: deepTree, limits: deepest),
                Protobuf.encode(tree) == deepTree,
                let value = try? read(JSONValue.self, JSONNestingTests.arrays(deepest.nesting / 2 - 1)),
                let again = try? Protobuf.decode(JSONValue.self, from: Protobuf.encode(value), limits: deepest),
                again == value
            else { return nil }
            return UnsafeMutableRawPointer(bitPattern: 1)
        }
        #expect(pthread_create(&thread, &attributes, start, nil) == 0)
        var result: UnsafeMutableRawPointer?
        pthread_join(thread, &result)
        #expect(result != nil)
    }
}
