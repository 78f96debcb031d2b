import FoundationEssentials
import Glibc
import Testing

/// A page of docs/ that is partly written by `make generate`: what stands between a mark and its end comes from the
/// code. A test compares the two; with `MARTLET_REGENERATE` in the environment it writes instead.
struct GeneratedPage {
    let path: String
    private let end: String

    /// - Parameter what: is generated, as the end of it says: `<!-- end of settings -->`.
    init(_ name: String, of what: String) {
        end = "<!-- end of \(what) -->"
        path = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 } + "/docs/" + name
    }

    static func mark(_ name: String) -> String { "<!-- \(name): written by make generate -->" }

    func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The marks of the page whose names begin with `prefix`, in order.
    func marks(_ prefix: String) throws -> [String] {
        try text().split(separator: "\n").filter { $0.hasPrefix("<!-- \(prefix)") }.map(String.init)
    }

    /// Compares what stands below each mark with what should.
    func check(_ blocks: [(name: String, content: String)]) throws {
        let written = try text()
        var expected = written
        for block in blocks {
            let start = try #require(expected.firstRange(of: Self.mark(block.name)), "no mark of \(block.name)")
            let rest = expected[start.upperBound...]
            let end = try #require(rest.firstRange(of: self.end), "what is below \(block.name) has no end")
            expected.replaceSubrange(start.upperBound..<end.lowerBound, with: "\n" + block.content)
        }
        if getenv("MARTLET_REGENERATE") != nil {
            try expected.write(toFile: path, atomically: true, encoding: .utf8)
        } else {
            #expect(written == expected, "\(path) is out of date: make generate")
        }
    }
}
