internal import MartletCore
internal import MartletHTTP

/// What the fields of a request say to gRPC, read in one pass.
struct GRPCRequestHead {
    /// `application/grpc`, or that with `+proto`. Anything else is not ours.
    private(set) var isGRPC = false
    private(set) var timeout: Duration?
    private(set) var hasMalformedTimeout = false
    /// Of the request's messages; nil for one that is not known here.
    private(set) var encoding: GRPCCompression? = .identity
    /// For the answer's messages.
    private(set) var acceptsGzip = false

    init(_ headers: HTTPHeaders) {
        headers.forEachBytes { name, value in
            switch name.count {
            case 12 where name.equals("content-type"): isGRPC = Self.isGRPC(value)
            case 12 where name.equals("grpc-timeout"):
                timeout = CallTimeout.parse(value)
                hasMalformedTimeout = timeout == nil
            case 13 where name.equals("grpc-encoding"): encoding = GRPCCompression(value)
            case 20 where name.equals("grpc-accept-encoding"): acceptsGzip = Self.namesGzip(value)
            default: break
            }
        }
    }

    static func isGRPC(_ type: UnsafeRawBufferPointer) -> Bool {
        let prefix: StaticString = "application/grpc"
        guard type.hasPrefix(prefix) else { return false }
        var rest = UnsafeRawBufferPointer(rebasing: type[prefix.utf8CodeUnitCount...])
        if rest.hasPrefix("+proto") { rest = UnsafeRawBufferPointer(rebasing: rest[6...]) }
        return rest.isEmpty || rest[0] == UInt8(ascii: ";") || rest[0] == UInt8(ascii: " ")
    }

    private static func namesGzip(_ list: UnsafeRawBufferPointer) -> Bool {
        list.split(separator: UInt8(ascii: ",")).contains { part in
            UnsafeRawBufferPointer(rebasing: part).filter { $0 != 0x20 }.elementsEqual("gzip".utf8)
        }
    }
}

extension InboundContext {
    init(_ call: GRPCServerCall) {
        let headers = call.headers
        let state = headers.withValue(of: "tracestate") { String(decoding: $0, as: UTF8.self) }
        let trace: TraceContext?? = headers.withValue(of: "traceparent") { value in
            TraceContext(traceparent: value, tracestate: state)
        }
        self.init(
            trace: trace ?? nil, timeout: call.timeout,
            idempotencyKey: headers.withValue(of: "idempotency-key") { String(decoding: $0, as: UTF8.self) },
            peer: call.peer)
    }
}
