// System: the one description of what makes up the system: which services there are, on which ports, with which stores,
// who calls whom, and who publishes and consumes what. `martlet up`, `martlet status`, `martlet call` and the diagram
// and tables in docs/architecture.md come from it, so that they cannot disagree. It describes and hosts services; what a
// service does is in Services, and the command line is in martlet.

public import MartletCore
public import MartletKit
public import MartletMessaging

/// One service of the system, as the others and its operator see it. ``all`` lists them.
public struct SystemService: Sendable {
    public let app: any ServiceApp.Type
    /// Where it answers HTTP.
    public let port: ConfigurationKey<Int>
    /// Where else it listens.
    public let otherPorts: [OtherPort]
    /// What it keeps, which nobody else opens.
    public let stores: [Store]
    /// Whom it calls.
    public let calls: [Call]
    /// What it puts on the bus.
    public let publishes: [Publication]
    /// The queues that it takes from the bus.
    public let consumes: [Queue]
    /// What its variables begin with where several services share an environment: `FRONT_END` in `FRONT_END_PORT`.
    public let scope: String

    /// A port beside that of HTTP.
    public struct OtherPort: Sendable {
        /// What is spoken there: `smtp`.
        public let name: String
        public let key: ConfigurationKey<Int>

        public init(name: String, key: ConfigurationKey<Int>) {
            self.name = name
            self.key = key
        }
    }

    /// An SQLite file, `DATA_DIR/SERVICE/NAME.db` unless `variable` says where else.
    public struct Store: Sendable {
        public let name: String
        public let variable: String

        public init(_ name: String, variable: String = "DSN") {
            self.name = name
            self.variable = variable
        }
    }

    /// A call over HTTP to another service.
    public struct Call: Sendable {
        /// Of its own variables, the one that holds the other's URL.
        public let variable: String
        /// The other's name.
        public let service: String
        /// Whether a browser uses the URL: it is given `localhost`, where the page comes from.
        public let isForBrowsers: Bool

        public init(variable: String, service: String, isForBrowsers: Bool = false) {
            self.variable = variable
            self.service = service
            self.isForBrowsers = isForBrowsers
        }
    }

    /// Events that it sends. Who takes them is no concern of its.
    public struct Publication: Sendable {
        public let exchange: String
        public let routingKeys: [String]

        public init(_ routingKeys: [String], to exchange: String) {
            self.exchange = exchange
            self.routingKeys = routingKeys
        }
    }

    /// - Parameter scope: only where the name in capitals does not do, because it would make of a service's variable
    ///   one that means something else.
    public init(
        app: any ServiceApp.Type, port: ConfigurationKey<Int>, otherPorts: [OtherPort] = [], stores: [Store] = [],
        calls: [Call] = [], publishes: [Publication] = [], consumes: [Queue] = [], scope: String? = nil
    ) {
        self.app = app
        self.port = port
        self.otherPorts = otherPorts
        self.stores = stores
        self.calls = calls
        self.publishes = publishes
        self.consumes = consumes
        self.scope = scope ?? app.name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }

    public var name: String { app.name }

    /// All that it listens on.
    public var ports: [ConfigurationKey<Int>] { [port] + otherPorts.map(\.key) }

    /// Whether it publishes to the bus, consumes from it, or is it.
    public var usesBus: Bool { app.keys.contains { $0.variable == StandardKeys.bus.variable } }
}
