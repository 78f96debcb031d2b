internal import CUV
public import MartletCore

extension Connection {
    /// Connects, from a task of `loop`.
    /// - Throws: `.unreachable` when nobody answers, `.timedOut` at the deadline, `.closed` when the task is cancelled.
    public static func connect(
        to address: SocketAddress, on loop: EventLoop, deadline: MonotonicTime
    ) async throws(ConnectionError) -> Connection {
        loop.assertCurrent()
        if Task.isCancelled { throw .closed }
        let connection = Connection(connectingTo: address, on: loop)
        connection.deadline = deadline
        let result = await withTaskCancellationHandler {
            await connection.establish(address)
        } onCancel: {
            connection.cancel()
        }
        if let failure = connection.failure { throw failure }
        guard result == 0 else {
            connection.close()
            throw .unreachable(address.description, Connection.text(of: result))
        }
        connection.startReading()
        return connection
    }

    private func establish(_ address: SocketAddress) async -> Int32 {
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        var started: Int32 = 0
        switch address {
        case .unix(let path):
            uv_pipe_connect(
                request, UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_pipe_t.self), path,
                Connection.onConnect)
        case .ipv4, .ipv6:
            let tcp = UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_tcp_t.self)
            uv_tcp_nodelay(tcp, 1)
            started = address.withSockaddr { form, _ in uv_tcp_connect(request, tcp, form, Connection.onConnect) }
        }
        if started != 0 {
            request.deallocate()
            Unmanaged.passUnretained(self).release()
            return started
        }
        // The state is looked at inside: before it suspends the runtime may queue the task once more.
        await withUnsafeContinuation { continuation in
            guard connectStatus == nil, !isClosed else { return continuation.resume() }
            connector = continuation
            connectDeadline = deadline
            armTimer(for: deadline)
        }
        return connectStatus ?? UV_ECANCELED.rawValue
    }

    func connected(_ status: Int32) {
        connectStatus = status
        guard let continuation = connector else { return }
        connector = nil
        continuation.resume()
    }

    private static let onConnect: uv_connect_cb = { request, status in
        guard let request, let data = request.pointee.data else { return }
        request.deallocate()
        Unmanaged<Connection>.fromOpaque(data).takeRetainedValue().connected(status)
    }
}
