internal import MartletCore
internal import MartletMessaging

extension ByteWriter {
    mutating func write(_ binding: Binding) {
        write(short: binding.exchange)
        write(short: binding.pattern)
    }

    mutating func write(_ queue: Queue) {
        write(short: queue.name)
        write(queue.kind.rawValue)
        write(UInt32(clamping: queue.maximumAttempts))
        write(Int64(queue.limits.messages))
        write(Int64(queue.limits.bytes))
        write(UInt32(truncatingIfNeeded: queue.bindings.count))
        for binding in queue.bindings { write(binding) }
    }

    mutating func write(_ selection: DeadLetterSelection) {
        switch selection {
        case .numbers(let numbers):
            write(0 as UInt8)
            write(UInt32(truncatingIfNeeded: numbers.count))
            for number in numbers { write(number) }
        case .queue(let name):
            write(1 as UInt8)
            write(short: name)
        case .all: write(2 as UInt8)
        }
    }

    mutating func write(_ letter: DeadLetter) {
        write(letter.number)
        write(short: letter.queue)
        write(UInt32(clamping: letter.attempts))
        write(long: letter.reason)
        write(letter.publishedAt.nanoseconds)
        write(letter.diedAt.nanoseconds)
        let message = MessageCoding.encode(letter.message)
        write(UInt32(truncatingIfNeeded: message.count))
        write(rest: message)
    }
}

extension ByteReader {
    mutating func readBinding() throws(BusProtocolError) -> Binding {
        let exchange = try readShort()
        return Binding(try readShort(), of: exchange)
    }

    mutating func readQueue() throws(BusProtocolError) -> Queue {
        let name = try readShort()
        guard let kind = Queue.Kind(rawValue: try read()) else { throw .malformed("a queue's kind") }
        let attempts: UInt32 = try read()
        let limits = Queue.Limits(messages: Int(try read(Int64.self)), bytes: Int(try read(Int64.self)))
        var bindings: [Binding] = []
        for _ in 0..<(try readCount(of: 2)) { bindings.append(try readBinding()) }
        return Queue(name, kind: kind, bindings: bindings, maximumAttempts: Int(attempts), limits: limits)
    }

    mutating func readSelection() throws(BusProtocolError) -> DeadLetterSelection {
        switch try read() as UInt8 {
        case 0:
            var numbers: [Int64] = []
            for _ in 0..<(try readCount(of: 8)) { numbers.append(try read()) }
            return .numbers(numbers)
        case 1: return .queue(try readShort())
        case 2: return .all
        default: throw .malformed("an unknown selection")
        }
    }

    mutating func readDeadLetter() throws(BusProtocolError) -> DeadLetter {
        let number: Int64 = try read()
        let queue = try readShort()
        let attempts: UInt32 = try read()
        let reason = try readLong()
        let publishedAt: Int64 = try read()
        let diedAt: Int64 = try read()
        let count: UInt32 = try read()
        let message = try MessageCoding.decode(try readBytes(Int(count)))
        return DeadLetter(
            number: number, queue: queue, message: message, attempts: Int(attempts), reason: reason,
            publishedAt: WallTime(nanoseconds: publishedAt), diedAt: WallTime(nanoseconds: diedAt))
    }
}
