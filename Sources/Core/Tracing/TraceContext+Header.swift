extension TraceContext {
    /// The length of a `traceparent` of version 00.
    public static let headerLength = 55
    /// What is carried of `tracestate`, in bytes: what the specification asks everybody to carry.
    public static let stateLimit = 512

    /// Reads a `traceparent` header, and with it `tracestate`; nil for what the specification calls invalid.
    ///
    /// Versions after 00 are read by what they share with it (§ 3.2.4); version ff, ids of zeros and upper-case digits
    /// are invalid. A `tracestate` that may not be carried is dropped, and the trace goes on without.
    public init?(traceparent: some Collection<UInt8>, tracestate: String? = nil) {
        let parsed =
            traceparent.withContiguousStorageIfAvailable { Self.parse(UnsafeRawBufferPointer($0)) }
            ?? Array(traceparent.prefix(Self.headerLength + 1)).withUnsafeBytes { Self.parse($0) }
        guard var context = parsed else { return nil }
        context.state = tracestate.flatMap(Self.carriedState)
        self = context
    }

    /// Reads a `traceparent` header, and with it `tracestate`; nil for what the specification calls invalid.
    public init?(traceparent: String, tracestate: String? = nil) {
        self.init(traceparent: traceparent.utf8, tracestate: tracestate)
    }

    /// `00-<trace id>-<span id>-<flags>`, for the header of an outgoing call.
    public var traceparent: String {
        String(unsafeUninitializedCapacity: Self.headerLength) { bytes in
            write(to: UnsafeMutableBufferPointer(rebasing: bytes[0..<Self.headerLength]))
            return Self.headerLength
        }
    }

    /// Appends the `traceparent` header's value.
    public func appendTraceparent(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.headerLength) { header in
            write(to: header)
            bytes.append(contentsOf: header)
        }
    }

    private func write(to bytes: UnsafeMutableBufferPointer<UInt8>) {
        bytes[0] = 0x30
        bytes[1] = 0x30
        for dash in [2, 35, 52] { bytes[dash] = UInt8(ascii: "-") }
        writeHexadecimal(traceID.high, to: bytes, at: 3)
        writeHexadecimal(traceID.low, to: bytes, at: 19)
        writeHexadecimal(spanID.value, to: bytes, at: 36)
        bytes[53] = 0x30
        bytes[54] = 0x30 + (isSampled ? 1 : 0) + (isRandom ? 2 : 0)
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> TraceContext? {
        guard bytes.count >= headerLength, bytes[2] == 0x2D, bytes[35] == 0x2D, bytes[52] == 0x2D,
            let version = readHexadecimal(bytes, 0..<2), version != 0xFF,
            bytes.count == headerLength || (version != 0 && bytes[headerLength] == 0x2D),
            let high = readHexadecimal(bytes, 3..<19), let low = readHexadecimal(bytes, 19..<35), high | low != 0,
            let span = readHexadecimal(bytes, 36..<52), span != 0,
            let flags = readHexadecimal(bytes, 53..<55)
        else { return nil }
        return TraceContext(
            traceID: TraceID(high: high, low: low), spanID: SpanID(span), isSampled: flags & 1 != 0,
            isRandom: flags & 2 != 0)
    }

    /// `state` if it may be sent on: printable ASCII (it goes into a header again), not empty, within ``stateLimit``.
    public static func carriedState(_ state: String) -> String? {
        let bytes = state.utf8
        guard !bytes.isEmpty, bytes.count <= stateLimit else { return nil }
        return bytes.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 } ? state : nil
    }
}
