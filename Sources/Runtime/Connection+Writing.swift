internal import CUV
internal import MartletCore

extension Connection {
    /// Bytes that were flushed and that the kernel has not taken yet.
    public var queuedBytes: Int { isClosed ? 0 : uv_stream_get_write_queue_size(stream) }

    /// Hands ``output`` to the kernel now; what it does not take is queued, in order.
    public func flush() throws(ConnectionError) {
        loop.assertCurrent()
        if let failure { throw failure }
        guard !output.isEmpty else { return }
        if let protection { return try sealOutput(by: protection) }
        try writeOutput()
    }

    /// ``output`` as it stands, to the kernel.
    func writeOutput() throws(ConnectionError) {
        if queuedBytes == 0 {
            let bytes = output.readableBytes
            var buffer = uv_buf_init(
                UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
                UInt32(clamping: bytes.count))
            let written = uv_try_write(stream, &buffer, 1)
            if written > 0 { output.consume(Int(written)) }
            if written < 0, written != UV_EAGAIN.rawValue {
                failWriting(written)
                throw failure ?? .closed
            }
        }
        while !output.isEmpty { try enqueueOutput() }
    }

    private func enqueueOutput() throws(ConnectionError) {
        let write = PendingWrite(connection: self, buffer: output.takeAll())
        let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(write).toOpaque()
        var rest = write.buffer.readableBytes
        // libuv counts a buffer's length in 32 bits.
        var buffers: [uv_buf_t] = []
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
            buffers.append(
                uv_buf_init(
                    UnsafeMutableRawPointer(mutating: part.baseAddress)?.assumingMemoryBound(to: CChar.self),
                    UInt32(part.count)))
        }
        let result = uv_write(request, stream, &buffers, UInt32(buffers.count), Connection.onWrite)
        if result != 0 {
            Unmanaged.passUnretained(write).release()
            request.deallocate()
            failWriting(result)
            throw failure ?? .closed
        }
    }

    /// Flushes at the end of the loop's turn, once for everything that was appended until then.
    public func flushSoon() {
        loop.assertCurrent()
        guard !flushIsScheduled, !isClosed else { return }
        flushIsScheduled = true
        loop.flushAtTurnEnd(self)
    }

    func flushScheduled() {
        flushIsScheduled = false
        onFlush?()
        // A failure is kept, and thrown by whatever is called next.
        do { try flush() } catch {}
    }

    private func written(_ status: Int32) {
        if status < 0, !isClosed { failWriting(status) }
        wakeDrainers()
    }

    /// A peer that answers early and hangs up on what it does not want to read makes the writing fail (RFC 9112 §9.6),
    /// often before its answer was read.
    private func failWriting(_ status: Int32) {
        takeWhatHasArrived()
        fail(.reset(Connection.text(of: status)))
    }

    func wakeDrainers() {
        guard !drainers.isEmpty else { return }
        let queued = queuedBytes
        for drainer in drainers where queued <= drainer.level { drainer.continuation.resume() }
        drainers.removeAll { queued <= $0.level }
    }

    /// Suspends while more than ``highWater`` bytes are queued: backpressure for whoever writes much.
    public func drained() async throws(ConnectionError) { try await drained(to: highWater) }

    /// Suspends until everything flushed so far has left.
    public func finished() async throws(ConnectionError) { try await drained(to: 0) }

    private func drained(to level: Int) async throws(ConnectionError) {
        loop.assertCurrent()
        if let failure { throw failure }
        guard queuedBytes > level else { return }
        await withUnsafeContinuation { continuation in
            guard queuedBytes > level else { return continuation.resume() }
            drainers.append(Drainer(continuation: continuation, level: level, deadline: deadline))
            armTimer(for: deadline)
        }
        if let failure { throw failure }
    }

    private static let onWrite: uv_write_cb = { request, status in
        guard let request, let data = request.pointee.data else { return }
        let write = Unmanaged<PendingWrite>.fromOpaque(data).takeRetainedValue()
        request.deallocate()
        write.connection.written(status)
    }

    /// Keeps the bytes alive until libuv has written them.
    private final class PendingWrite {
        let connection: Connection
        let buffer: ByteBuffer
        init(connection: Connection, buffer: consuming ByteBuffer) {
            self.connection = connection
            self.buffer = buffer
        }
    }
}
