internal import Glibc
public import MartletCore

/// Writes log lines to a descriptor, usually standard output, without ever making a caller wait.
///
/// A line is formatted on the caller's stack and appended to a bounded buffer; one thread writes the buffer out, many
/// lines in one `write`. When the reader at the other end stalls, the buffer fills, and further lines are dropped and
/// counted; a line says how many as soon as there is room again.
public final class LogOutput: LogHandler, @unchecked Sendable {  // `state`, the one `var`, is guarded by `mutex`.
    /// Bytes that may wait to be written.
    public static let defaultLimit = 1 << 20

    private struct State {
        var buffer: [UInt8] = []
        var isUrgent = false
        /// The writer waits for the first line.
        var isIdle = false
        var isWriting = false
        var isClosed = false
        var isStopped = false
        /// The reader has gone for good (`EPIPE`).
        var isBroken = false
        var dropped: UInt64 = 0
        var reported: UInt64 = 0
    }

    private let descriptor: Int32
    private let format: LogFormat
    private let limit: Int
    /// How long the first of several lines waits for the others.
    private let gathering: Duration
    private let mutex: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
    private let work: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
    private let progress: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
    private var state = State()

    /// - Parameters:
    ///   - descriptor: Stays open; whoever opened it closes it, after ``close(within:)``.
    ///   - gathering: How long a line may wait for others to be written with. Errors do not wait.
    public init(
        descriptor: Int32, format: LogFormat, limit: Int = LogOutput.defaultLimit,
        gathering: Duration = .milliseconds(5)
    ) {
        self.descriptor = descriptor
        self.format = format
        self.limit = limit
        self.gathering = gathering
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(work, &attributes)
        pthread_cond_init(progress, &attributes)
        pthread_condattr_destroy(&attributes)
        Self.startWriter(self)
        Self.flushAtExit(self)
    }

    deinit {
        // The writer holds a reference until it is stopped, so nobody waits on these any more.
        pthread_cond_destroy(work)
        pthread_cond_destroy(progress)
        pthread_mutex_destroy(mutex)
        work.deallocate()
        progress.deallocate()
        mutex.deallocate()
    }

    public func log(_ record: borrowing LogRecord) {
        let isUrgent = record.level >= .error
        format.withLine(of: record) { append($0, isUrgent: isUrgent) }
    }

    /// Lines that could not be kept, since the beginning.
    public var droppedLines: UInt64 { locked { $0.dropped } }

    /// Shows ``droppedLines`` among these metrics.
    public func register(in metrics: Metrics) {
        metrics.observe(
            "martlet_log_lines_dropped_total", help: "Log lines that could not be written in time.", kind: .counter
        ) { [self] in Double(droppedLines) }
    }

    /// Waits until everything said so far is written; false when `limit` passes first, or the reader has gone. Blocks
    /// its thread: for the end of a process.
    @discardableResult
    public func flush(within limit: Duration) -> Bool {
        var deadline = timespec(at: .now + limit)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !state.buffer.isEmpty || state.isWriting {
            if state.isStopped { return false }
            state.isUrgent = true
            pthread_cond_signal(work)
            if pthread_cond_timedwait(progress, mutex, &deadline) == ETIMEDOUT { return false }
        }
        return !state.isBroken
    }

    /// Flushes, and ends the writing thread; lines that come after are dropped.
    @discardableResult
    public func close(within limit: Duration) -> Bool {
        let isFlushed = flush(within: limit)
        locked { $0.isClosed = true }
        pthread_cond_signal(work)
        Self.open.withLock { $0.removeAll { $0 === self } }
        return isFlushed
    }

    private func append(_ line: UnsafeBufferPointer<UInt8>, isUrgent: Bool) {
        pthread_mutex_lock(mutex)
        if state.isClosed || state.isBroken || state.buffer.count + line.count > limit {
            state.dropped += 1
            pthread_mutex_unlock(mutex)
            return
        }
        let wasHalfEmpty = state.buffer.count < limit / 2
        state.buffer.append(contentsOf: line)
        if isUrgent { state.isUrgent = true }
        // One signal for the first line and one when the buffer grows full: not one for each line.
        let wakes = state.isIdle || isUrgent || (wasHalfEmpty && state.buffer.count >= limit / 2)
        state.isIdle = false
        pthread_mutex_unlock(mutex)
        if wakes { pthread_cond_signal(work) }
    }

    private func locked<Result>(_ body: (inout State) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    // MARK: The writing thread

    private func writeUntilClosed() {
        var batch: [UInt8] = []
        while takeBatch(&batch) {
            let unwritten = write(batch)
            let lines = batch[(batch.count - unwritten)...].reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
            // A burst's memory goes back; ordinary batches use the same again.
            if batch.capacity > 1 << 18 { batch = [] } else { batch.removeAll(keepingCapacity: true) }
            locked {
                $0.isWriting = false
                $0.dropped += UInt64(lines)
            }
            pthread_cond_broadcast(progress)
        }
        locked { $0.isStopped = true }
        pthread_cond_broadcast(progress)
    }

    /// Waits for lines and takes them all; false when there will be none.
    private func takeBatch(_ batch: inout [UInt8]) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while state.buffer.isEmpty {
            if state.isClosed { return false }
            state.isIdle = true
            pthread_cond_wait(work, mutex)
        }
        state.isIdle = false
        if !state.isUrgent, !state.isClosed, state.buffer.count < limit / 2 {
            var deadline = timespec(at: .now + gathering)
            pthread_cond_timedwait(work, mutex, &deadline)
        }
        state.isUrgent = false
        swap(&batch, &state.buffer)
        state.isWriting = true
        let lost = state.dropped - state.reported
        if lost > 0, !state.isBroken {
            state.reported = state.dropped
            format.append(
                LogRecord(
                    time: .now, level: .warning, context: LogContext(label: "log"), message: "log lines were dropped",
                    metadata: ["lines": .integer(Int64(clamping: lost))]), to: &batch)
        }
        return true
    }

    /// How many bytes at the end of `batch` could not be written.
    private func write(_ batch: [UInt8]) -> Int {
        batch.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                    continue
                }
                switch errno {
                case EINTR: continue
                case EAGAIN:
                    // Somebody made the descriptor non-blocking; this thread has time.
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = Glibc.poll(&poll, 1, 1000)
                case EPIPE:
                    locked { $0.isBroken = true }
                    return rest.count
                default: return rest.count
                }
            }
            return 0
        }
    }

    private nonisolated static func startWriter(_ output: LogOutput) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 256 * 1024)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let argument = Unmanaged.passRetained(output)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                // SIGPIPE goes to the thread that writes: blocked here, `write` says EPIPE instead.
                var signals = sigset_t()
                sigfillset(&signals)
                pthread_sigmask(SIG_BLOCK, &signals, nil)
                guard let argument else { return nil }
                Unmanaged<LogOutput>.fromOpaque(argument).takeRetainedValue().writeUntilClosed()
                return nil
            }, argument.toOpaque())
        pthread_attr_destroy(&attributes)
        if result != 0 {
            // No thread is to be had. The lines are lost, and counted; the service is worth more than its log.
            argument.release()
            output.locked {
                $0.isBroken = true
                $0.isStopped = true
            }
        }
    }

    // MARK: The end of the process

    /// `exit` runs functions without arguments, so what is still open has to be found somewhere.
    private static let open = Locked<[LogOutput]>([])
    private static let atExit: Void = {
        atexit { LogOutput.flushAll() }
        return ()
    }()

    private nonisolated static func flushAll() {
        for output in open.withLock({ $0 }) { output.flush(within: .seconds(1)) }
    }

    private nonisolated static func flushAtExit(_ output: LogOutput) {
        _ = atExit
        open.withLock { $0.append(output) }
    }
}

private func timespec(at time: MonotonicTime) -> timespec {
    Glibc.timespec(tv_sec: Int(time.nanoseconds / 1_000_000_000), tv_nsec: Int(time.nanoseconds % 1_000_000_000))
}
