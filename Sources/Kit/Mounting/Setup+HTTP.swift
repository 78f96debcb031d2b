internal import MartletCore
public import MartletHTTP
internal import MartletRuntime

extension Setup {
    /// The service's HTTP server: the default stack, the heartbeat, health, and the routes of `build`; errors are
    /// answered in the course's envelope.
    ///
    /// - Parameter heartbeat: whether `/ping` answers, as it does in the originals but for the front end.
    public func httpServer(
        port: Int, limits: HTTPServer.Limits = HTTPServer.Limits(), heartbeat: Bool = true,
        _ build: (inout Router) throws -> Void
    ) throws -> HTTPServer {
        let hosts = configuration[StandardKeys.allowedHosts].split(separator: ",").map(String.init)
        var router = Router(origins: OriginPolicy(hosts: Set(hosts)), failure: { .envelope(failure: $0) })
        router.use(defaults)
        if heartbeat { router.heartbeat() }
        router.health(readiness, telemetry.metrics)
        try build(&router)
        let address = try SocketAddress(
            host: configuration[StandardKeys.host], port: UInt16(clamping: port))
        return HTTPServer(
            name: "\(service) http", address: address, handler: try router.handler(), limits: limits,
            tls: try serverTLS(), group: loops)
    }
}

extension HTTPServer: StartableService {}
