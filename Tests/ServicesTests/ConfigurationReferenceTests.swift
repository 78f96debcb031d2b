import FoundationEssentials
import Glibc
import MartletCore
import MartletKit
import MartletSystem
import Testing

/// The tables of docs/configuration.md come from the keys that the services declare. `make generate` writes them; here
/// they are compared.
@Suite("The reference of all settings")
struct ConfigurationReferenceTests {
    static let path =
        #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
        + "/docs/configuration.md"
    static let end = "<!-- end of settings -->"

    /// The name in a table's mark, and what stands below the mark.
    static let tables: [(name: String, keys: [any AnyConfigurationKey])] =
        [("every service", StandardKeys.everyService)] + SystemService.all.map { ($0.name, $0.app.keys) }

    static func mark(_ name: String) -> String { "<!-- settings of \(name): written by make generate -->" }

    @Test("says of each setting what its declaration says")
    func isUpToDate() throws {
        let written = try String(contentsOfFile: Self.path, encoding: .utf8)
        var expected = written
        for table in Self.tables {
            let start = try #require(expected.firstRange(of: Self.mark(table.name)), "no table of \(table.name)")
            let rest = expected[start.upperBound...]
            let end = try #require(rest.firstRange(of: Self.end), "the table of \(table.name) has no end")
            expected.replaceSubrange(
                start.upperBound..<end.lowerBound, with: "\n" + Configuration.markdown(for: table.keys))
        }
        if getenv("MARTLET_REGENERATE") != nil {
            try expected.write(toFile: Self.path, atomically: true, encoding: .utf8)
        } else {
            #expect(written == expected, "docs/configuration.md is out of date: make generate")
        }
    }

    @Test("lists each service of the system, and no other")
    func listsEveryService() throws {
        let written = try String(contentsOfFile: Self.path, encoding: .utf8)
        let marks = written.split(separator: "\n").filter { $0.hasPrefix("<!-- settings of ") }.map(String.init)
        #expect(marks == Self.tables.map { Self.mark($0.name) })
    }
}
