import MartletCore
import MartletHTTP
import MartletKit
import MartletWire

/// What the service is asked. The fields are described once, for reading and for writing.
struct Guest: Message {
    static let messageName = "Guest"
    var name = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
    }
}

/// What it answers.
struct Greeting: Message {
    static let messageName = "Greeting"
    var text = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "text", &text)
    }
}

/// The operation: a name and a function. It knows no transport.
let greet = Endpoint<Guest, Greeting>("greet") { guest in
    guard !guest.name.isEmpty else { throw ServiceError(.invalidArgument, "name must not be empty") }
    var greeting = Greeting()
    greeting.text = "Hello, \(guest.name)!"
    return greeting
}

@main enum GreeterApp: ServiceApp {
    static let name = "greeter"
    static let summary = "greets whoever says a name"
    static let port = StandardKeys.httpPort(8090)
    static let keys: [any AnyConfigurationKey] = [port]

    static func make(_ setup: Setup) async throws -> ServiceGroup {
        let server = try setup.httpServer(port: setup.configuration[port]) { router in
            router.on(.post, "/greet", greet.json { .json(.ok, $0) })
        }
        return setup.group { server }
    }
}
