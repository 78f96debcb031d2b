internal import MartletCore
internal import MartletWire

// The structs before each argument and each reply.
//
// net/rpc has no metadata. But gob passes over fields that a struct's reader does not have, so a request may say more
// than Go's, and a Go server does not notice. A caller that has a trace, a deadline or an idempotency key sends the
// longer header; one that has none, and every answer to a plain header, is Go's to the byte.

/// `rpc.Request`.
struct RequestHeader: Message {
    static let messageName = "rpc.Request"
    var serviceMethod = ""
    var seq = UInt64(0)

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "service_method", &serviceMethod)
        visit.field(2, "seq", &seq)
    }
}

/// The same with the call's context; also how every request is read.
struct ContextRequestHeader: Message {
    static let messageName = "rpc.Request"
    var serviceMethod = ""
    var seq = UInt64(0)
    var traceparent = ""
    var tracestate = ""
    /// In nanoseconds, as Go's `time.Duration`; 0 for no limit.
    var timeout = Int64(0)
    var idempotencyKey = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "service_method", &serviceMethod)
        visit.field(2, "seq", &seq)
        visit.field(3, "traceparent", &traceparent)
        visit.field(4, "tracestate", &tracestate)
        visit.field(5, "timeout", &timeout)
        visit.field(6, "idempotency_key", &idempotencyKey)
    }

    /// Whether the caller knows the longer headers.
    var hasContext: Bool { !traceparent.isEmpty || timeout != 0 || !idempotencyKey.isEmpty }
}

/// `rpc.Response`.
struct ResponseHeader: Message {
    static let messageName = "rpc.Response"
    var serviceMethod = ""
    var seq = UInt64(0)
    var error = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "service_method", &serviceMethod)
        visit.field(2, "seq", &seq)
        visit.field(3, "error", &error)
    }
}

/// The same with the error's code, for a caller that knows the longer headers; also how every response is read.
struct CodedResponseHeader: Message {
    static let messageName = "rpc.Response"
    var serviceMethod = ""
    var seq = UInt64(0)
    var error = ""
    /// ``ServiceError/Code``.
    var code = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "service_method", &serviceMethod)
        visit.field(2, "seq", &seq)
        visit.field(3, "error", &error)
        visit.field(4, "code", &code)
    }
}

/// Go's `struct{}`: the body of an error.
struct EmptyBody: Message {
    static let messageName = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {}
}
