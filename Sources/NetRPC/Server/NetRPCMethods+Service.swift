internal import MartletCore
public import MartletWire

extension NetRPCMethods {
    /// Mounts every method of a service that has one request and one response, as `LogService.WriteLog`. net/rpc has no
    /// streams.
    /// - Parameter name: instead of the service's own name, without its package.
    public mutating func mount<Service: RPCService>(_ service: Service, as name: String? = nil) {
        let full = Service.serviceName
        let bare = full.lastIndex(of: ".").map { String(full[full.index(after: $0)...]) } ?? full
        var mounting = Mounting(methods: self, service: name ?? bare)
        service.visitMethods(&mounting)
        self = mounting.methods
    }

    private struct Mounting: RPCMethodVisitor {
        var methods: NetRPCMethods
        let service: String

        mutating func unary<Request: Message, Response: Message>(
            _ name: String, _ endpoint: Endpoint<Request, Response>, routes: [RPCRoute]
        ) {
            methods.method("\(service).\(name)", endpoint)
        }

        mutating func streaming<Request: Message, Response: Message>(
            _ name: String, _ endpoint: Endpoint<RPCStream<Request, Response>, Void>, kind: RPCKind
        ) {}
    }
}
