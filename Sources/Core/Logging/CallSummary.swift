/// How a call went: what an access line says beside its operation. A field of its own in ``LogRecord`` rather than
/// metadata, because one is made for every call.
public struct CallSummary: Sendable {
    /// Nil when the call did what was asked.
    public var failure: ServiceError.Code?
    /// The transport's own status; 0 where there is none.
    public var status: Int
    public var nanoseconds: UInt64
    /// Who called, as far as the transport says.
    public var peer: String?

    public init(failure: ServiceError.Code?, status: Int, nanoseconds: UInt64, peer: String?) {
        self.failure = failure
        self.status = status
        self.nanoseconds = nanoseconds
        self.peer = peer
    }
}
