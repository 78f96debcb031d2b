internal import MartletCore
internal import MartletRuntime
internal import MartletSQL

/// Reads a database file on a connection and a thread of its own: what is committed is seen, and neither a commit nor a
/// transaction holds a read up.
actor SQLiteReader {
    nonisolated let loop: EventLoop
    nonisolated let mailbox: SQLiteMailbox
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let connection: SQLiteConnection
    private var calls: [SQLiteCall] = []
    private var isClosed = false
    private var closer: UnsafeContinuation<Void, Never>?

    init(connection: SQLiteConnection, loop: EventLoop, configuration: SQLiteConfiguration) {
        self.connection = connection
        self.loop = loop
        mailbox = SQLiteMailbox(limit: configuration.queueLimit, byteLimit: configuration.queueByteLimit)
    }

    nonisolated func wake() {
        loop.execute { [self] in
            assumeIsolated { $0.work() }
        }
    }

    private func work() {
        guard !isClosed else { return }
        mailbox.take(into: &calls)
        for call in calls { perform(call) }
        calls.removeAll(keepingCapacity: true)
        if let closer, mailbox.isDrained {
            self.closer = nil
            closer.resume()
        }
    }

    private func perform(_ call: SQLiteCall) {
        if let refusal = call.refusal(at: .now) {
            call.failed(with: refusal)
        } else {
            connection.watch.deadline = call.deadline
            connection.watch.patience = min(call.deadline, call.patience)
            connection.watch.call = call
            do {
                call.succeeded(with: try connection.run(call.statement, call.access))
            } catch {
                call.failed(with: call.isCancelled ? CancellationError() : error)
            }
            connection.watch.call = nil
        }
        mailbox.answered(1, bytes: call.byteCount)
        call.answer()
    }

    /// As the writer's: the last thing asked of this actor.
    func close() async {
        if !mailbox.isDrained {
            await withUnsafeContinuation { closer = $0 }
        }
        isClosed = true
        connection.close()
        loop.stop()
    }
}
