public import MartletTLS

extension HTTPServer {
    /// How a server speaks `https`.
    public struct TLS: Sendable {
        public var context: TLSServerContext
        /// Whether requests without TLS are taken on the same port: for the time in which clients change over, and for
        /// probes that know no TLS. Else such a request is answered with 400.
        public var allowsCleartext: Bool

        public init(_ context: TLSServerContext, allowsCleartext: Bool = false) {
            self.context = context
            self.allowsCleartext = allowsCleartext
        }
    }
}
