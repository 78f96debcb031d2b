internal import MartletCore
public import MartletHTTP
internal import MartletRuntime

extension Setup {
    /// The service's HTTP server: the default stack, the heartbeat, health, and the routes of `build`; errors are
    /// answered in the course's envelope.
    public func httpServer(
        port: Int, limits: HTTPServer.Limits = HTTPServer.Limits(), _ build: (inout Router) throws -> Void
    ) throws -> HTTPServer {
        var router = Router(failure: { .envelope(failure: $0) })
        router.use(defaults)
        router.heartbeat()
        router.health(readiness, telemetry.metrics)
        try build(&router)
        let address = try SocketAddress(
            host: configuration[StandardKeys.host], port: UInt16(clamping: port))
        return HTTPServer(
            name: "\(service) http", address: address, handler: try router.handler(), limits: limits, group: loops)
    }
}
