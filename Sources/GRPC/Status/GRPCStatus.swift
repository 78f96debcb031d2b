public import MartletCore
public import MartletWire

/// How a call ended (https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
public struct GRPCStatus: Sendable, Hashable {
    /// 0 to 16.
    public var code: Int
    public var message: String
    /// Of a google.rpc.Status.
    public var details: [AnyMessage]

    public init(code: Int, message: String = "", details: [AnyMessage] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    public static let ok = GRPCStatus(code: 0)
}

extension ServiceError.Code {
    /// gRPC's number of the code, 1 to 16.
    public var grpcCode: Int {
        switch self {
        case .cancelled: 1
        case .unknown: 2
        case .invalidArgument: 3
        case .deadlineExceeded: 4
        case .notFound: 5
        case .alreadyExists: 6
        case .permissionDenied: 7
        case .resourceExhausted: 8
        case .failedPrecondition: 9
        case .aborted: 10
        case .outOfRange: 11
        case .unimplemented: 12
        case .internal: 13
        case .unavailable: 14
        case .dataLoss: 15
        case .unauthenticated: 16
        }
    }

    /// - Parameter grpcCode: what nobody has defined is `unknown`; 0 is no error.
    public init?(grpcCode: Int) {
        guard grpcCode != 0 else { return nil }
        self = Self.allCases.first { $0.grpcCode == grpcCode } ?? .unknown
    }

    /// Of an answer that is not gRPC's (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
    init(answeredWithHTTP status: Int) {
        switch status {
        case 400: self = .internal
        case 401: self = .unauthenticated
        case 403: self = .permissionDenied
        case 404: self = .unimplemented
        case 429, 502, 503, 504: self = .unavailable
        default: self = .unknown
        }
    }
}

extension GRPCStatus {
    /// What the caller may know of an error: its code, its message, its details.
    public init(_ error: any Error) {
        let error = ServiceError(hiding: error)
        self.init(
            code: error.code.grpcCode, message: error.message,
            details: error.details.map { AnyMessage(typeURL: $0.typeURL, value: $0.value) })
        if let wait = error.retryAfter { details.append(AnyMessage(packing: RetryInfo(retryDelay: wait))) }
    }

    /// Nil for success.
    public var error: ServiceError? {
        guard let code = ServiceError.Code(grpcCode: code) else { return nil }
        var error = ServiceError(code, message)
        for detail in details {
            if detail.valueName == RetryInfo.messageName, let info = try? detail.unpack(as: RetryInfo.self) {
                error.retryAfter = info.retryDelay
            } else {
                error.details.append(ServiceError.Detail(typeURL: detail.typeURL, value: detail.value))
            }
        }
        return error
    }
}

extension ServiceError.Detail {
    /// A message as a detail.
    public init<Value: MessageValue>(packing message: Value) {
        let packed = AnyMessage(packing: message)
        self.init(typeURL: packed.typeURL, value: packed.value)
    }
}

extension ServiceError {
    /// The first detail of this type, if it can be read.
    public func detail<Value: MessageValue>(as type: Value.Type = Value.self) -> Value? {
        for detail in details {
            let packed = AnyMessage(typeURL: detail.typeURL, value: detail.value)
            if let message = try? packed.unpack(as: type) { return message }
        }
        return nil
    }
}

/// `google.rpc.Status`: what `grpc-status-details-bin` holds.
struct RPCStatusMessage: Message {
    static let messageName = "google.rpc.Status"
    var code: Int32 = 0
    var text = ""
    var details: [AnyMessage] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "code", &code)
        visit.field(2, "message", &text)
        visit.field(3, "details", &details)
    }
}

/// `google.rpc.RetryInfo`: how long to wait before the next attempt.
struct RetryInfo: Message {
    static let messageName = "google.rpc.RetryInfo"
    var retryDelay = Duration.zero

    init() {}
    init(retryDelay: Duration) { self.retryDelay = retryDelay }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "retry_delay", &retryDelay) }
}
