import MartletCore
import MartletKit
import MartletMessaging
import MartletSystem
import Testing

/// What the description of the system says must be so in the services that it describes.
@Suite("The description of the system")
struct SystemDescriptionTests {
    private let system = SystemService.all

    private func variables(_ service: SystemService) -> Set<String> { Set(service.app.keys.map(\.variable)) }

    @Test("no two services share a name, a scope or a port")
    func apart() {
        #expect(Set(system.map(\.name)).count == system.count)
        #expect(Set(system.map(\.scope)).count == system.count)
        let ports = system.flatMap { $0.ports.compactMap(\.defaultValue) }
        #expect(Set(ports).count == ports.count)
    }

    @Test("every variable in it is one that its service reads")
    func variablesAreRead() {
        for service in system {
            let read = variables(service)
            for key in service.ports { #expect(read.contains(key.variable), "\(service.name): \(key.variable)") }
            for store in service.stores { #expect(read.contains(store.variable), "\(service.name): \(store.variable)") }
            for call in service.calls { #expect(read.contains(call.variable), "\(service.name): \(call.variable)") }
        }
    }

    @Test("whoever is called is there, and is called by the URL that the caller has by default")
    func calledServicesExist() throws {
        for service in system {
            for call in service.calls {
                let called = try #require(SystemService.named(call.service), "\(service.name) calls \(call.service)")
                let key = try #require(service.app.keys.first { $0.variable == call.variable })
                let port = try #require(called.port.defaultValue)
                #expect(
                    key.defaultText.hasSuffix(":\(port)"), "\(service.name): \(call.variable) is \(key.defaultText)")
            }
        }
    }

    @Test("a setting that holds another service's URL is in the description")
    func everyURLIsACall() {
        for service in system {
            let described = Set(service.calls.map(\.variable))
            let ports = Set(system.compactMap { $0.port.defaultValue }.map { ":\($0)" })
            for key in service.app.keys where key.variable.hasSuffix("_URL") {
                guard ports.contains(where: { key.defaultText.hasSuffix($0) }) else { continue }
                #expect(described.contains(key.variable), "\(service.name): \(key.variable)")
            }
        }
    }

    @Test("whoever publishes or consumes has the bus among its settings, and its queues are those all agreed on")
    func busUsers() {
        for service in system where !service.publishes.isEmpty || !service.consumes.isEmpty {
            #expect(service.usesBus, "\(service.name)")
        }
        #expect(Set(system.flatMap(\.consumes)) == Set(CourseBus.topology.queues))
    }

    @Test("every event that is published is one that a queue takes, and every queue is one that events can reach")
    func eventsArrive() throws {
        let queues = system.flatMap(\.consumes)
        let published = system.flatMap { service in
            service.publishes.flatMap { publication in
                publication.routingKeys.map { (exchange: publication.exchange, key: $0) }
            }
        }
        for event in published {
            #expect(TopicPattern.isRoutingKey(event.key))
            #expect(
                try queues.contains { try $0.takes(event.key, of: event.exchange) },
                "no queue takes \(event.key) of \(event.exchange)")
        }
        for queue in queues {
            #expect(
                try published.contains { try queue.takes($0.key, of: $0.exchange) },
                "nothing is published for \(queue.name)")
        }
    }
}

extension AnyConfigurationKey {
    fileprivate var defaultText: String { defaultValue.map(type.show) ?? "" }
}

extension Queue {
    fileprivate func takes(_ key: String, of exchange: String) throws -> Bool {
        try bindings.contains { try $0.exchange == exchange && TopicPattern($0.pattern).matches(key) }
    }
}
