internal import MartletCore
internal import MartletKit
internal import MartletMessaging

/// The system as a picture and as a table, for the documents.
public enum SystemDiagram {
    /// A Mermaid flowchart: a solid arrow is an HTTP call and points to who answers, a dotted one is the way of an
    /// event, and a line without a head joins a service and its store.
    public static func mermaid(of system: [SystemService]) -> String {
        var lines = ["flowchart LR", "    browser([browser])"]
        for service in system { lines.append("    \(id(service.name))[\"\(label(of: service))\"]") }
        for exchange in exchanges(of: system) { lines.append("    \(id("exchange", exchange)){{\(exchange)}}") }
        for service in system {
            for store in service.stores { lines.append("    \(id(service.name)) --- \(stored(store, of: service))") }
        }
        for service in system {
            for call in service.calls { lines += arrows(for: call, of: service) }
        }
        for service in system { lines += service.publishes.map { arrow(for: $0, of: service) } }
        for service in system { lines += service.consumes.flatMap { arrows(for: $0, to: service) } }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A Markdown table with a row for each service.
    public static func table(of system: [SystemService]) -> String {
        var rows = [
            "| service | what it does | listens on | keeps | calls | publishes | consumes |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        for service in system {
            let listening = ["\(number(service.port))"] + service.otherPorts.map { "\($0.name) \(number($0.key))" }
            let calls = service.calls.map { $0.isForBrowsers ? "\($0.service) (from the browser)" : $0.service }
            let cells = [
                service.name, service.app.summary, listening.joined(separator: ", "),
                service.stores.map { "`\(service.name)/\($0.name).db`" }.joined(separator: ", "),
                calls.joined(separator: ", "),
                service.publishes.map { "\(code($0.routingKeys)) to `\($0.exchange)`" }.joined(separator: "; "),
                service.consumes.map { "`\($0.name)`" }.joined(separator: ", "),
            ]
            rows.append("| \(cells.joined(separator: " | ")) |")
        }
        return rows.joined(separator: "\n") + "\n"
    }

    // MARK: Nodes

    private static func label(of service: SystemService) -> String {
        let others = service.otherPorts.map { "<br/>\($0.name) \(number($0.key))" }
        return "\(service.name)<br/>\(number(service.port))\(others.joined())"
    }

    private static func stored(_ store: SystemService.Store, of service: SystemService) -> String {
        "\(id("store", service.name, store.name))[(\(store.name))]"
    }

    /// In the order in which they are first named.
    private static func exchanges(of system: [SystemService]) -> [String] {
        let named = system.flatMap { service in
            service.publishes.map(\.exchange) + service.consumes.flatMap { $0.bindings.map(\.exchange) }
        }
        var seen: Set<String> = []
        return named.filter { seen.insert($0).inserted }
    }

    /// Mermaid takes letters, digits and `_`; what is something else stays apart by the kind before it.
    private static func id(_ parts: String...) -> String {
        String(parts.joined(separator: "_").map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    // MARK: Arrows

    private static func arrows(for call: SystemService.Call, of service: SystemService) -> [String] {
        guard call.isForBrowsers else { return ["    \(id(service.name)) --> \(id(call.service))"] }
        // The page comes from the one and calls the other.
        return ["    browser --> \(id(service.name))", "    browser --> \(id(call.service))"]
    }

    private static func arrow(for publication: SystemService.Publication, of service: SystemService) -> String {
        let keys = publication.routingKeys.joined(separator: "<br/>")
        return "    \(id(service.name)) -. \"\(keys)\" .-> \(id("exchange", publication.exchange))"
    }

    private static func arrows(for queue: Queue, to service: SystemService) -> [String] {
        let node = "\(id("queue", queue.name))[/\(queue.name)/]"
        var exchanges: [String] = []
        for binding in queue.bindings where !exchanges.contains(binding.exchange) { exchanges.append(binding.exchange) }
        let incoming = exchanges.map { exchange in
            let patterns = queue.bindings.filter { $0.exchange == exchange }.map(\.pattern)
            return "    \(id("exchange", exchange)) -. \"\(patterns.joined(separator: "<br/>"))\" .-> \(node)"
        }
        return incoming + ["    \(node) -.-> \(id(service.name))"]
    }

    private static func number(_ port: ConfigurationKey<Int>) -> String { port.defaultValue.map(String.init) ?? "" }
    private static func code(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }
}
