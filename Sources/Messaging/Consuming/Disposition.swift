internal import MartletCore

/// What a handler's outcome means for the message.
enum Disposition: Equatable {
    case done
    case again(after: Duration?)
    case never

    /// Of an error that the handler threw.
    ///
    /// What may be different the next time is tried again: something was away, took too long, was full, or a defect was
    /// met that may be put right before the last attempt. What is wrong with the message itself stays wrong. A message
    /// that was handled before (`alreadyExists`) is done.
    init(of error: ServiceError) {
        switch error.code {
        case .alreadyExists: self = .done
        case .unavailable, .deadlineExceeded, .resourceExhausted, .aborted, .cancelled, .unknown, .internal:
            self = .again(after: error.retryAfter)
        case .invalidArgument, .notFound, .permissionDenied, .failedPrecondition, .outOfRange, .unimplemented,
            .dataLoss, .unauthenticated:
            self = .never
        }
    }
}
