/// The one error that crosses a service's border. Each transport maps its code: to an HTTP status, a gRPC status, a
/// net/rpc text.
///
/// The codes are gRPC's, because they are the only set that is agreed on across languages.
public struct ServiceError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        case cancelled
        case unknown
        case invalidArgument = "invalid_argument"
        case deadlineExceeded = "deadline_exceeded"
        case notFound = "not_found"
        case alreadyExists = "already_exists"
        case permissionDenied = "permission_denied"
        case resourceExhausted = "resource_exhausted"
        case failedPrecondition = "failed_precondition"
        case aborted
        case outOfRange = "out_of_range"
        case unimplemented
        case `internal`
        case unavailable
        case dataLoss = "data_loss"
        case unauthenticated
    }

    public var code: Code
    /// For the caller to read: what is wrong and what to do. Never holds a secret or an internal detail.
    public var message: String
    /// How long a caller should wait before it tries again, where the server knows.
    public var retryAfter: Duration?
    /// More for the caller, for a program to read: the details of a google.rpc.Status. Transports without room for them
    /// leave them out.
    public var details: [Detail]

    /// A message of a type that its URL names, as google.protobuf.Any has it.
    public struct Detail: Sendable, Hashable {
        /// `type.googleapis.com/google.rpc.BadRequest`
        public var typeURL: String
        /// The message in protobuf.
        public var value: [UInt8]

        public init(typeURL: String, value: [UInt8]) {
            self.typeURL = typeURL
            self.value = value
        }
    }

    public init(_ code: Code, _ message: String, retryAfter: Duration? = nil, details: [Detail] = []) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.details = details
    }

    public var description: String { "\(code.rawValue): \(message)" }
}

/// An error of another room, such as a database's, that knows how a service's caller may see it. The error itself stays
/// inside, for the log.
public protocol ServiceErrorConvertible: Error {
    /// The same failure for the caller: the right code, and no internal detail.
    var serviceError: ServiceError { get }
}

/// An error of a transport's own, such as one that names an HTTP status, that was made for the caller: it crosses the
/// service's border as it is.
public protocol CallerVisibleError: ServiceErrorConvertible {}

/// An error that knows whether the same may succeed a moment later, without anybody repairing anything: then it is worth
/// waiting, at a start, say.
public protocol TransientError: Error {
    var mayPass: Bool { get }
}

extension ServiceError: TransientError {
    public var mayPass: Bool { code == .unavailable }
}

extension ServiceError {
    /// Any error as a ``ServiceError``. What does not say how it is one is `internal`, and its text stays inside: the
    /// log has it, the caller does not.
    public init(hiding error: any Error) {
        switch error {
        case let error as ServiceError: self = error
        case let error as any ServiceErrorConvertible: self = error.serviceError
        case is CancellationError: self.init(.cancelled, "the call was cancelled")
        default: self.init(.internal, "internal error")
        }
    }
}
