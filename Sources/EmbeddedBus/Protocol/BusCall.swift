internal import MartletCore
package import MartletMessaging

/// A request of a client that is not a matter of every message.
package enum BusCall: Hashable, Sendable {
    case declare(BusTopology)
    case unbind(Binding, queue: String)
    case delete(queue: String)
    case queues
    case deadLetters(queue: String?, after: Int64, limit: UInt32)
    case redrive(DeadLetterSelection)
    case discard(DeadLetterSelection)

    func write(to writer: inout ByteWriter) {
        switch self {
        case .declare(let topology):
            writer.write(0 as UInt8)
            writer.write(UInt32(truncatingIfNeeded: topology.exchanges.count))
            for exchange in topology.exchanges { writer.write(short: exchange) }
            writer.write(UInt32(truncatingIfNeeded: topology.queues.count))
            for queue in topology.queues { writer.write(queue) }
        case .unbind(let binding, let queue):
            writer.write(1 as UInt8)
            writer.write(binding)
            writer.write(short: queue)
        case .delete(let queue):
            writer.write(2 as UInt8)
            writer.write(short: queue)
        case .queues: writer.write(3 as UInt8)
        case .deadLetters(let queue, let number, let limit):
            writer.write(4 as UInt8)
            writer.write(short: queue ?? "")
            writer.write(number)
            writer.write(limit)
        case .redrive(let selection):
            writer.write(5 as UInt8)
            writer.write(selection)
        case .discard(let selection):
            writer.write(6 as UInt8)
            writer.write(selection)
        }
    }

    init(_ reader: inout ByteReader) throws(BusProtocolError) {
        switch try reader.read() as UInt8 {
        case 0:
            var topology = BusTopology()
            for _ in 0..<(try reader.readCount(of: 1)) { topology.exchanges.append(try reader.readShort()) }
            for _ in 0..<(try reader.readCount(of: 26)) { topology.queues.append(try reader.readQueue()) }
            self = .declare(topology)
        case 1: self = .unbind(try reader.readBinding(), queue: try reader.readShort())
        case 2: self = .delete(queue: try reader.readShort())
        case 3: self = .queues
        case 4:
            let queue = try reader.readShort()
            self = .deadLetters(
                queue: queue.isEmpty ? nil : queue, after: try reader.read(), limit: try reader.read())
        case 5: self = .redrive(try reader.readSelection())
        case 6: self = .discard(try reader.readSelection())
        default: throw .malformed("an unknown call")
        }
    }
}

/// What a call is answered with.
package enum BusAnswer: Hashable, Sendable {
    case done
    case count(UInt64)
    case queues([QueueStatus])
    case deadLetters([DeadLetter])

    func write(to writer: inout ByteWriter) {
        switch self {
        case .done: writer.write(0 as UInt8)
        case .count(let count):
            writer.write(1 as UInt8)
            writer.write(count)
        case .queues(let queues):
            writer.write(2 as UInt8)
            writer.write(UInt32(truncatingIfNeeded: queues.count))
            for queue in queues {
                writer.write(short: queue.name)
                writer.write(queue.kind.rawValue)
                for number in [queue.messages, queue.bytes, queue.unsettled, queue.deadLetters, queue.consumers] {
                    writer.write(Int64(number))
                }
            }
        case .deadLetters(let letters):
            writer.write(3 as UInt8)
            writer.write(UInt32(truncatingIfNeeded: letters.count))
            for letter in letters { writer.write(letter) }
        }
    }

    init(_ reader: inout ByteReader) throws(BusProtocolError) {
        switch try reader.read() as UInt8 {
        case 0: self = .done
        case 1: self = .count(try reader.read())
        case 2:
            var queues: [QueueStatus] = []
            for _ in 0..<(try reader.readCount(of: 42)) {
                let name = try reader.readShort()
                guard let kind = Queue.Kind(rawValue: try reader.read()) else { throw .malformed("a queue's kind") }
                var numbers: [Int] = []
                for _ in 0..<5 { numbers.append(Int(try reader.read(Int64.self))) }
                queues.append(
                    QueueStatus(
                        name: name, kind: kind, messages: numbers[0], bytes: numbers[1], unsettled: numbers[2],
                        deadLetters: numbers[3], consumers: numbers[4]))
            }
            self = .queues(queues)
        case 3:
            var letters: [DeadLetter] = []
            for _ in 0..<(try reader.readCount(of: 36)) { letters.append(try reader.readDeadLetter()) }
            self = .deadLetters(letters)
        default: throw .malformed("an unknown answer")
        }
    }
}
