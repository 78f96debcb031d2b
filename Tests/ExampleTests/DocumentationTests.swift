import FoundationEssentials
import Testing

/// The code in the documents is code that compiles: each block of Swift stands, word for word, in Examples or in the
/// tests of the examples.
@Suite("Code in the documents")
struct DocumentationTests {
    static let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: root + "/" + path, encoding: .utf8)
    }

    /// The blocks between ```` ```swift ```` and ```` ``` ````.
    static func swiftBlocks(_ document: String) -> [String] {
        var blocks: [String] = []
        var block: String?
        for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
            switch (block, line) {
            case (nil, "```swift"): block = ""
            case (nil, _): break
            case (let text?, "```"):
                blocks.append(text)
                block = nil
            case (let text?, _): block = text + line + "\n"
            }
        }
        return blocks
    }

    @Test("stands in the examples", arguments: ["README.md", "docs/writing-a-service.md"])
    func isCompiled(document: String) throws {
        var sources = ""
        for folder in ["Examples/Greeter", "Examples/Guestbook", "Tests/ExampleTests"] {
            for file in try FileManager.default.contentsOfDirectory(atPath: Self.root + "/" + folder)
            where file.hasSuffix(".swift") {
                sources += try Self.text(folder + "/" + file) + "\n"
            }
        }
        let blocks = Self.swiftBlocks(try Self.text(document))
        #expect(!blocks.isEmpty)
        for block in blocks { #expect(sources.contains(block), "not in the examples:\n\(block)") }
    }
}
