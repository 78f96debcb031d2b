public import MartletCore

extension HTTPStatus {
    /// The status a code is answered with, by the mapping of google.rpc.Code
    /// (https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto).
    public init(_ code: ServiceError.Code) {
        switch code {
        case .invalidArgument, .failedPrecondition, .outOfRange: self = .badRequest
        case .unauthenticated: self = .unauthorized
        case .permissionDenied: self = .forbidden
        case .notFound: self = .notFound
        case .alreadyExists, .aborted: self = .conflict
        case .resourceExhausted: self = .tooManyRequests
        case .cancelled: self = .clientClosedRequest
        case .unimplemented: self = .notImplemented
        case .unavailable: self = .serviceUnavailable
        case .deadlineExceeded: self = .gatewayTimeout
        case .unknown, .internal, .dataLoss: self = .internalServerError
        }
    }
}

extension ServiceError.Code {
    /// What a status says of a call; nil below 400. The way back of ``HTTPStatus/init(_:)``, as far as there is one.
    public init?(status: HTTPStatus) {
        switch status.code {
        case ..<400: return nil
        case 401: self = .unauthenticated
        case 403: self = .permissionDenied
        case 404, 410: self = .notFound
        case 405, 501, 505: self = .unimplemented
        case 408, 504: self = .deadlineExceeded
        case 409: self = .aborted
        case 412: self = .failedPrecondition
        case 413, 429, 431: self = .resourceExhausted
        case 416: self = .outOfRange
        case 499: self = .cancelled
        case 400..<500: self = .invalidArgument
        case 502, 503: self = .unavailable
        case 500: self = .internal
        default: self = .unknown
        }
    }
}

/// Thrown by a handler that knows which status it wants.
public struct HTTPError: Error, Sendable {
    public var status: HTTPStatus
    /// For the caller to read.
    public var message: String

    public init(_ status: HTTPStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

extension HTTPError: CallerVisibleError {
    public var serviceError: ServiceError { ServiceError(ServiceError.Code(status: status) ?? .unknown, message) }
}

extension HTTPBodyTooLarge: CallerVisibleError {
    public var serviceError: ServiceError { ServiceError(.resourceExhausted, description) }
}

extension HTTPResponse {
    /// The plain answer to a call that failed: the mapped status, the message as text, `Retry-After` where the error
    /// says so. What is neither a ``ServiceError`` nor one of this room's errors is 500, and its text stays inside.
    public init(failure error: any Error) {
        switch error {
        case let error as HTTPError:
            self = .text(error.message + "\n", error.status)
        case let error as HTTPBodyTooLarge:
            self = .text(error.description + "\n", .contentTooLarge)
        case let error as HTTPParseError:
            self = .text(error.reason + "\n", error.status)
        default:
            let error = ServiceError(hiding: error)
            self = .text(error.message + "\n", HTTPStatus(error.code))
            if let wait = error.retryAfter { headers["Retry-After"] = retryAfterText(wait) }
        }
    }
}

/// Whole seconds, rounded up (RFC 9110 §10.2.3), never negative.
func retryAfterText(_ wait: Duration) -> String {
    let (seconds, attoseconds) = wait.components
    return String(max(0, attoseconds > 0 ? seconds &+ 1 : seconds))
}
