import MartletCore
import MartletKit
import MartletSystem
import Testing

/// The tables of docs/configuration.md come from the keys that the services declare.
@Suite("The reference of all settings")
struct ConfigurationReferenceTests {
    private let page = GeneratedPage("configuration.md", of: "settings")

    /// The name in a table's mark, and what stands below the mark.
    private static let tables: [(name: String, keys: [any AnyConfigurationKey])] =
        [("settings of every service", StandardKeys.everyService)]
        + SystemService.all.map { ("settings of \($0.name)", $0.app.keys) }

    @Test("says of each setting what its declaration says")
    func isUpToDate() throws {
        try page.check(Self.tables.map { ($0.name, Configuration.markdown(for: $0.keys)) })
    }

    @Test("lists each service of the system, and no other")
    func listsEveryService() throws {
        #expect(try page.marks("settings of ") == Self.tables.map { GeneratedPage.mark($0.name) })
    }
}
