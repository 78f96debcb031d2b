internal import MartletCore
internal import MartletRuntime

/// The connections of one event loop.
final class NetRPCServerLoop: @unchecked Sendable {  // Touched on `loop` alone; `drain`, `closeAll` go there.
    let loop: EventLoop
    private var connections: [ObjectIdentifier: NetRPCServerConnection] = [:]
    private(set) var isDraining = false

    init(_ loop: EventLoop) { self.loop = loop }

    func begin(_ connection: NetRPCServerConnection, limit: Int) {
        if connections.count >= limit, !endLongestIdle() { connection.connection.close() }
        connections[ObjectIdentifier(connection)] = connection
        connection.task = Task(executorPreference: loop) { await connection.serve() }
    }

    func end(_ connection: NetRPCServerConnection) { connections[ObjectIdentifier(connection)] = nil }

    private func endLongestIdle() -> Bool {
        let idle = connections.values.filter { $0.isIdle }
        guard let oldest = idle.min(by: { $0.lastActivity < $1.lastActivity }) else { return false }
        oldest.connection.close()
        return true
    }

    /// From any thread.
    func drain() {
        loop.execute { [self] in
            isDraining = true
            for connection in Array(connections.values) { connection.drain() }
        }
    }

    /// From any thread.
    func closeAll() {
        loop.execute { [self] in
            isDraining = true
            for connection in Array(connections.values) { connection.abort() }
        }
    }
}
