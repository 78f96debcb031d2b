internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletSystem
internal import MartletWire

/// What `martlet status` shows of one service.
struct ServiceStatus: Message {
    static let messageName = "ServiceStatus"

    var name = ""
    var state = ""
    /// What it listens on.
    var address = ""
    /// Where it can be called from this machine.
    var url = ""
    var seconds: Int64 = 0
    var problem: String?
    /// Of its ports that do not speak HTTP: `smtp://127.0.0.1:1025`.
    var otherAddresses: [String] = []
    /// What it listens on, and what it speaks there.
    var place: String { "\(url.hasPrefix("https:") ? "https" : "http")://\(address)" }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "state", &state)
        visit.field(3, "address", &address)
        visit.field(4, "seconds", &seconds)
        visit.field(5, "problem", &problem, .omitEmpty)
        visit.field(6, "other_addresses", &otherAddresses, .omitEmpty)
        visit.field(7, "url", &url)
    }
}

struct SystemStatus: Message {
    static let messageName = "SystemStatus"

    var process: Int64 = 0
    var services: [ServiceStatus] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "process", &process)
        visit.field(2, "services", &services)
    }
}

/// The side of the control socket that the running system answers on: HTTP, for this user alone.
struct Control: Sendable {
    let hosts: [ServiceHost]
    let process: Int64
    let shutdown: ShutdownSignal

    func mount(on router: inout Router) {
        router.get("/status") { _ in .json(.ok, status()) }
        router.post("/services/{name}/start") { request in
            try await host(request).start()
            return .json(.ok, status())
        }
        router.post("/services/{name}/stop") { request in
            try await host(request).stop()
            return .json(.ok, status())
        }
        router.post("/down") { _ in
            shutdown.trigger()
            return .json(.accepted, status())
        }
    }

    private func host(_ request: HTTPRequest) throws -> ServiceHost {
        let name = request.parameters["name"] ?? ""
        guard let host = hosts.first(where: { $0.name == name }) else {
            throw ServiceError(
                .notFound, "there is no service \"\(name)\"; there are \(hosts.map(\.name).joined(separator: ", "))")
        }
        return host
    }

    private func status() -> SystemStatus {
        var status = SystemStatus()
        status.process = process
        status.services = hosts.map { host in
            var one = ServiceStatus()
            let state = host.state
            one.name = host.name
            one.state = state.word
            one.address = host.address
            one.otherAddresses = host.otherAddresses
            one.url = host.url
            one.seconds = host.age.components.seconds
            if case .failed(let reason) = state { one.problem = reason }
            return one
        }
        return status
    }
}
