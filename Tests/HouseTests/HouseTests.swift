import FoundationEssentials
import Testing

@Suite("The house")
struct HouseTests {
    /// The package's own folder: this file is `Tests/HouseTests/HouseTests.swift` in it.
    static let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

    static func swiftFiles() throws -> [String] {
        let sources = root + "/Sources"
        return try FileManager.default.subpathsOfDirectory(atPath: sources).filter { $0.hasSuffix(".swift") }
    }

    @Test("no import points up or sideways")
    func importsPointDown() throws {
        let files = try Self.swiftFiles()
        #expect(files.contains("Core/Endpoint.swift"), "the sources were not found under \(Self.root)")
        for file in files {
            let source = try String(contentsOfFile: Self.root + "/Sources/" + file, encoding: .utf8)
            let violations = House.violations(inFile: file, source: source)
            #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
        }
    }

    @Test("every folder of Sources is a room of the house")
    func everyFolderIsARoom() throws {
        for folder in try FileManager.default.contentsOfDirectory(atPath: Self.root + "/Sources")
        where folder != "C" && folder != "Services" && !folder.hasPrefix(".") {
            let module = House.module(ofFile: folder + "/main.swift")
            #expect(module.flatMap(House.storey(of:)) != nil, "\(folder) has no place in the order")
        }
    }

    @Test(
        "an import that goes up is found, however it is written",
        arguments: [
            "import MartletKit", "public import MartletKit", "@testable import MartletKit",
            "\tinternal  import MartletKit",
            "@_spi(Testing) package import struct MartletKit.Setup", "import MartletCore; import MartletKit // both",
        ])
    func upwardIsFound(line: String) {
        let violations = House.violations(inFile: "HTTP/Router.swift", source: "// HTTP.\n\(line)\nstruct Router {}\n")
        #expect(violations == ["HTTP/Router.swift: MartletHTTP imports MartletKit, which is not below it"])
    }

    @Test("one service may not import another, nor a room its neighbour on the same storey")
    func sidewaysIsFound() {
        #expect(
            House.violations(inFile: "Services/Broker/Broker.swift", source: "import LoggerService").count == 1)
        #expect(House.violations(inFile: "GRPC/Frame.swift", source: "import MartletNetRPC").count == 1)
    }

    @Test("all of Foundation, and a module nobody knows, are refused")
    func foreignModulesAreFound() {
        #expect(House.violations(inFile: "Core/Endpoint.swift", source: "import Foundation").count == 1)
        #expect(House.violations(inFile: "Kit/Setup.swift", source: "internal import NIOCore").count == 1)
    }

    @Test("what points down, and what comes with the language, is let through")
    func downwardIsAllowed() {
        let source = """
            public import MartletCore
            internal import FoundationEssentials
            #if canImport(Glibc)
            internal import Glibc
            #endif
            // import MartletSystem is only talked about here
            internal import CUV
            """
        #expect(House.violations(inFile: "Runtime/EventLoop.swift", source: source) == [])
    }

    @Test("a service's executable counts as the service, and may import it")
    func executablesBelongToTheirService() {
        #expect(House.violations(inFile: "Services/Logger/Main/main.swift", source: "import LoggerService") == [])
        #expect(House.violations(inFile: "Services/Logger/Main/main.swift", source: "import BrokerService").count == 1)
    }
}
