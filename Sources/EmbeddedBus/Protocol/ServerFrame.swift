package import MartletCore

/// What the owner of the bus says.
package enum ServerFrame: Equatable {
    /// The path is that of ``HandoverMarks``, and empty when there are none: an owner that has them says so behind what
    /// it always said, and a client that does not know of it passes over that.
    case hello(version: UInt8, marks: String)
    /// The publish, or the consumer's beginning or end, is done.
    case done(request: UInt64)
    case failed(request: UInt64, ServiceError)
    case answer(request: UInt64, BusAnswer)
    case deliver(consumer: UInt32, tag: UInt64, attempts: UInt32, at: Int64, message: [UInt8])
    /// Nothing comes for this consumer any more.
    case ended(consumer: UInt32, ServiceError)
    case pulse
    /// The owner is closing: the connection ends, and a later one will find it again.
    case goodbye

    private enum Kind {
        static let hello: UInt8 = 1
        static let done: UInt8 = 2
        static let failed: UInt8 = 3
        static let answer: UInt8 = 4
        static let deliver: UInt8 = 5
        static let ended: UInt8 = 6
        static let pulse: UInt8 = 7
        static let goodbye: UInt8 = 8
    }

    // MARK: Writing

    package func write(to writer: inout ByteWriter) {
        switch self {
        case .hello(let version, let marks):
            writer.frame(Kind.hello) {
                $0.write(rest: BusProtocol.greeting)
                $0.write(version)
                $0.write(long: marks)
            }
        case .done(let request): writer.frame(Kind.done) { $0.write(request) }
        case .failed(let request, let error):
            writer.frame(Kind.failed) {
                $0.write(request)
                Self.write(error, to: &$0)
            }
        case .answer(let request, let answer):
            writer.frame(Kind.answer) {
                $0.write(request)
                answer.write(to: &$0)
            }
        case .deliver(let consumer, let tag, let attempts, let at, let message):
            writer.frame(Kind.deliver) {
                $0.write(consumer)
                $0.write(tag)
                $0.write(attempts)
                $0.write(at)
                $0.write(rest: message)
            }
        case .ended(let consumer, let error):
            writer.frame(Kind.ended) {
                $0.write(consumer)
                Self.write(error, to: &$0)
            }
        case .pulse: writer.frame(Kind.pulse) { _ in }
        case .goodbye: writer.frame(Kind.goodbye) { _ in }
        }
    }

    private static func write(_ error: ServiceError, to writer: inout ByteWriter) {
        writer.write(short: error.code.rawValue)
        writer.write(long: error.message)
        // 0 for none.
        let milliseconds = error.retryAfter.map { max(1, min(86_400_000, $0 / .milliseconds(1))) } ?? 0
        writer.write(UInt32(milliseconds))
    }

    // MARK: Reading

    package init(kind: UInt8, _ payload: UnsafeRawBufferPointer) throws(BusProtocolError) {
        var reader = ByteReader(payload)
        switch kind {
        case Kind.hello:
            for byte in BusProtocol.greeting {
                guard try reader.read() as UInt8 == byte else { throw .malformed("not a bus") }
            }
            let version: UInt8 = try reader.read()
            self = .hello(version: version, marks: reader.remaining == 0 ? "" : try reader.readLong())
            // A later version may say more here.
            return
        case Kind.done: self = .done(request: try reader.read())
        case Kind.failed: self = .failed(request: try reader.read(), try Self.readError(&reader))
        case Kind.answer: self = .answer(request: try reader.read(), try BusAnswer(&reader))
        case Kind.deliver:
            self = .deliver(
                consumer: try reader.read(), tag: try reader.read(), attempts: try reader.read(),
                at: try reader.read(), message: reader.readRest())
        case Kind.ended: self = .ended(consumer: try reader.read(), try Self.readError(&reader))
        case Kind.pulse: self = .pulse
        case Kind.goodbye: self = .goodbye
        default: throw .malformed("a frame of unknown kind \(kind)")
        }
        try reader.expectEnd()
    }

    private static func readError(_ reader: inout ByteReader) throws(BusProtocolError) -> ServiceError {
        let code = ServiceError.Code(rawValue: try reader.readShort()) ?? .unknown
        let message = try reader.readLong()
        let milliseconds: UInt32 = try reader.read()
        return ServiceError(code, message, retryAfter: milliseconds == 0 ? nil : .milliseconds(milliseconds))
    }
}
