package import MartletMessaging

/// What a client says. A `request` is a number of the client's own, which the answer carries.
package enum ClientFrame: Hashable {
    case hello(version: UInt8)
    /// The message is encoded as ``MessageCoding`` says.
    case publish(request: UInt64, exchange: String, isMandatory: Bool, message: [UInt8])
    case consume(request: UInt64, consumer: UInt32, queue: Queue, prefetch: UInt32)
    case settle(consumer: UInt32, tag: UInt64, settlement: WireSettlement)
    case stop(consumer: UInt32)
    case end(request: UInt64, consumer: UInt32)
    case call(request: UInt64, BusCall)
    case pulse
    /// From here on the client marks what it has begun to handle; see ``HandoverMarks``.
    case marking

    /// A ``Settlement`` with its delay in milliseconds.
    package enum WireSettlement: Hashable {
        case acknowledge
        case retry(milliseconds: UInt32, reason: String)
        case reject(reason: String)
        case release
    }

    private enum Kind {
        static let hello: UInt8 = 1
        static let publish: UInt8 = 2
        static let consume: UInt8 = 3
        static let settle: UInt8 = 4
        static let stop: UInt8 = 5
        static let end: UInt8 = 6
        static let call: UInt8 = 7
        static let pulse: UInt8 = 8
        static let marking: UInt8 = 9
    }

    // MARK: Writing

    package func write(to writer: inout ByteWriter) {
        switch self {
        case .hello(let version):
            writer.frame(Kind.hello) {
                $0.write(rest: BusProtocol.greeting)
                $0.write(version)
            }
        case .publish(let request, let exchange, let isMandatory, let message):
            writer.frame(Kind.publish) {
                $0.write(request)
                $0.write(short: exchange)
                $0.write(isMandatory ? 1 : 0 as UInt8)
                $0.write(rest: message)
            }
        case .consume(let request, let consumer, let queue, let prefetch):
            writer.frame(Kind.consume) {
                $0.write(request)
                $0.write(consumer)
                $0.write(prefetch)
                $0.write(queue)
            }
        case .settle(let consumer, let tag, let settlement):
            writer.frame(Kind.settle) {
                $0.write(consumer)
                $0.write(tag)
                Self.write(settlement, to: &$0)
            }
        case .stop(let consumer): writer.frame(Kind.stop) { $0.write(consumer) }
        case .end(let request, let consumer):
            writer.frame(Kind.end) {
                $0.write(request)
                $0.write(consumer)
            }
        case .call(let request, let call):
            writer.frame(Kind.call) {
                $0.write(request)
                call.write(to: &$0)
            }
        case .pulse: writer.frame(Kind.pulse) { _ in }
        case .marking: writer.frame(Kind.marking) { _ in }
        }
    }

    private static func write(_ settlement: WireSettlement, to writer: inout ByteWriter) {
        switch settlement {
        case .acknowledge: writer.write(0 as UInt8)
        case .retry(let milliseconds, let reason):
            writer.write(1 as UInt8)
            writer.write(milliseconds)
            writer.write(long: reason)
        case .reject(let reason):
            writer.write(2 as UInt8)
            writer.write(long: reason)
        case .release: writer.write(3 as UInt8)
        }
    }

    // MARK: Reading

    package init(kind: UInt8, _ payload: UnsafeRawBufferPointer) throws(BusProtocolError) {
        var reader = ByteReader(payload)
        switch kind {
        case Kind.hello:
            for byte in BusProtocol.greeting {
                guard try reader.read() as UInt8 == byte else { throw .malformed("not a client of the bus") }
            }
            self = .hello(version: try reader.read())
            // A later version may say more here.
            return
        case Kind.publish:
            self = .publish(
                request: try reader.read(), exchange: try reader.readShort(), isMandatory: try reader.readBool(),
                message: reader.readRest())
        case Kind.consume:
            let request: UInt64 = try reader.read()
            let consumer: UInt32 = try reader.read()
            let prefetch: UInt32 = try reader.read()
            self = .consume(
                request: request, consumer: consumer, queue: try reader.readQueue(), prefetch: prefetch)
        case Kind.settle:
            self = .settle(
                consumer: try reader.read(), tag: try reader.read(), settlement: try Self.readSettlement(&reader))
        case Kind.stop: self = .stop(consumer: try reader.read())
        case Kind.end: self = .end(request: try reader.read(), consumer: try reader.read())
        case Kind.call: self = .call(request: try reader.read(), try BusCall(&reader))
        case Kind.pulse: self = .pulse
        case Kind.marking: self = .marking
        default: throw .malformed("a frame of unknown kind \(kind)")
        }
        try reader.expectEnd()
    }

    private static func readSettlement(_ reader: inout ByteReader) throws(BusProtocolError) -> WireSettlement {
        switch try reader.read() as UInt8 {
        case 0: return .acknowledge
        case 1: return .retry(milliseconds: try reader.read(), reason: try reader.readLong())
        case 2: return .reject(reason: try reader.readLong())
        case 3: return .release
        default: throw .malformed("an unknown settlement")
        }
    }
}

extension ClientFrame.WireSettlement {
    init(_ settlement: Settlement) {
        switch settlement {
        case .acknowledge: self = .acknowledge
        case .retry(let delay, let reason):
            let milliseconds = max(0, delay / .milliseconds(1)).rounded(.up)
            self = .retry(milliseconds: UInt32(min(milliseconds, 86_400_000)), reason: reason)
        case .reject(let reason): self = .reject(reason: reason)
        case .release: self = .release
        }
    }

    var settlement: Settlement {
        switch self {
        case .acknowledge: .acknowledge
        case .retry(let milliseconds, let reason): .retry(delay: .milliseconds(milliseconds), reason: reason)
        case .reject(let reason): .reject(reason: reason)
        case .release: .release
        }
    }
}
