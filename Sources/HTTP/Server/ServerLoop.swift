internal import MartletCore
internal import MartletRuntime

/// What the connections of one event loop share: the `Date` field, and who they are.
final class ServerLoop: @unchecked Sendable {  // Touched on `loop` alone; `drain`, `closeAll` go there.
    let loop: EventLoop
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private(set) var isDraining = false
    private let dateLine: UnsafeMutableRawBufferPointer
    private var dateExpiry = MonotonicTime(nanoseconds: 0)

    private static let datePrefix: StaticString = "Date: "

    init(_ loop: EventLoop) {
        self.loop = loop
        let prefix = Self.datePrefix
        dateLine = .allocate(byteCount: prefix.utf8CodeUnitCount + HTTPDate.length + 2, alignment: 8)
        dateLine.copyMemory(from: UnsafeRawBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
        dateLine[dateLine.count - 2] = ASCII.cr
        dateLine[dateLine.count - 1] = ASCII.lf
    }

    deinit { dateLine.deallocate() }

    var connectionCount: Int { connections.count }

    /// The `Date` field as a whole line, made once a second. Valid until the next call.
    func date(at now: MonotonicTime) -> UnsafeRawBufferPointer {
        if now >= dateExpiry {
            let (date, untilNext) = HTTPDate.now()
            date.write(into: UnsafeMutableRawBufferPointer(rebasing: dateLine[Self.datePrefix.utf8CodeUnitCount...]))
            dateExpiry = MonotonicTime(nanoseconds: now.nanoseconds &+ untilNext)
        }
        return UnsafeRawBufferPointer(dateLine)
    }

    /// The same without its name and its end, as HTTP/2 has it.
    func dateValue(at now: MonotonicTime) -> UnsafeRawBufferPointer {
        let line = date(at: now)
        return UnsafeRawBufferPointer(rebasing: line[Self.datePrefix.utf8CodeUnitCount..<(line.count - 2)])
    }

    /// Starts the connection's task.
    func begin(_ connection: ServerConnection, isOverLimit: Bool) {
        connections[ObjectIdentifier(connection)] = connection
        connection.task = Task(executorPreference: loop) {
            if isOverLimit {
                await connection.refuse()
            } else {
                await connection.serve()
            }
        }
    }

    func end(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// From any thread.
    func drain() {
        loop.execute { [self] in beginDraining() }
    }

    /// On the loop.
    func beginDraining() {
        isDraining = true
        for connection in Array(connections.values) { connection.drain() }
    }

    /// From any thread.
    func closeAll() {
        loop.execute { [self] in
            isDraining = true
            for connection in Array(connections.values) { connection.abort() }
        }
    }
}
