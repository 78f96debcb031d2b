/// The order of the rooms (docs/architecture.md, "The house") as a rule that can be checked: imports point down only.
struct House {
    /// From the ground up. Rooms of one storey do not know each other.
    static let storeys: [[String]] = [
        [
            "CUV", "CAres", "CNGHTTP2", "CZlib", "COpenSSL", "CSQLite", "CPQ", "CMongo", "CRabbitMQ", "CNATS", "CCurl",
            "CCrypt",
            "CGMime", "CPosix", "FrontEndAssets",
        ],
        ["MartletCore"],
        ["MartletRuntime"],
        ["MartletTLS"],
        ["MartletWire"],
        ["MartletCodeGeneration"],
        ["MartletHTTP"],
        ["MartletGRPC", "MartletNetRPC"],
        ["MartletMessaging", "MartletSQL"],
        ["MartletMongoDB", "MartletSMTP"],
        ["MartletSQLite", "MartletPostgreSQL"],
        ["MartletRabbitMQ", "MartletNATS", "MartletEmbeddedBus"],
        ["MartletKit"],
        [
            "AuthenticationService", "BrokerService", "BusService", "FrontEndService", "LoggerService",
            "ListenerService", "MailService", "ConsoleService",
        ],
        ["MartletSystem"],
        ["martlet", "protoc-gen-martlet"],
    ]

    /// What comes with the language and the operating system. Foundation is not in it: it carries 40 MB of ICU.
    static let ground: Set<String> = [
        "Swift", "Synchronization", "FoundationEssentials", "Glibc", "Musl", "Darwin",
    ]

    static func storey(of module: String) -> Int? {
        storeys.firstIndex { $0.contains(module) }
    }

    /// The module that a file below `Sources/` belongs to: `HTTP/Router.swift` is in MartletHTTP,
    /// `Services/Broker/Main/main.swift` counts as BrokerService.
    static func module(ofFile path: String) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count >= 2 else { return nil }
        switch parts[0] {
        case "martlet", "protoc-gen-martlet": return parts[0]
        case "C": return parts[1]
        case "Services": return parts.count >= 3 ? parts[1] + "Service" : nil
        default: return "Martlet" + parts[0]
        }
    }

    /// Every rule that `source`, the text of the file at `path` below `Sources/`, breaks; in words.
    static func violations(inFile path: String, source: String) -> [String] {
        guard let own = module(ofFile: path) else { return ["\(path) is in no room"] }
        guard let height = storey(of: own) else { return ["\(path): the house has no room \(own)"] }
        return imports(in: source).compactMap { imported in
            if imported == own || ground.contains(imported) { return nil }
            guard let other = storey(of: imported) else {
                return "\(path): \(imported) is neither a room nor part of the ground"
            }
            return other < height ? nil : "\(path): \(own) imports \(imported), which is not below it"
        }
    }

    /// The modules that a source imports, whatever stands before or after: `@testable public import struct A.B // why`.
    static func imports(in source: String) -> [String] {
        var imported: [String] = []
        for line in source.split(whereSeparator: \.isNewline) {
            for statement in line.split(separator: ";") {
                var words = statement.split(whereSeparator: \.isWhitespace)[...]
                while let word = words.first, word.hasPrefix("@") || levels.contains(String(word)) {
                    words.removeFirst()
                }
                guard words.popFirst() == "import" else { continue }
                if let word = words.first, kinds.contains(String(word)) { words.removeFirst() }
                guard let name = words.first else { continue }
                imported.append(String(name.prefix { $0.isLetter || $0.isNumber || $0 == "_" }))
            }
        }
        return imported
    }

    private static let levels: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set<String> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor",
    ]
}
