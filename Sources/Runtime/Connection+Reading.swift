internal import CUV
internal import Glibc
public import MartletCore

extension Connection {
    /// Suspends until bytes came in that no earlier call has told of. They are in ``input``; what arrived before the
    /// peer broke the connection off is told of before the failure is.
    /// - Parameter patience: when the call gives up and throws `.timedOut`, with the connection left open: for whoever
    ///   wants to say so to the peer, which ``deadline`` does not allow.
    /// - Returns: false at the end of the stream.
    public func moreInput(until patience: MonotonicTime = .never) async throws(ConnectionError) -> Bool {
        loop.assertCurrent()
        if !hasNews {
            if let failure { throw failure }
            if inputEnded { return false }
            if !isReading {
                startReading()
                if let failure { throw failure }
            }
            readerLostPatience = false
            await withUnsafeContinuation { continuation in
                guard !hasNews, !inputEnded, !isClosed else { return continuation.resume() }
                precondition(reader == nil, "two tasks read from one connection")
                reader = continuation
                readDeadline = deadline
                readPatience = patience
                armTimer(for: min(deadline, patience))
            }
        }
        if hasNews {
            hasNews = false
            return true
        }
        if let failure { throw failure }
        if readerLostPatience, !inputEnded { throw .timedOut }
        return false
    }

    func startReading() {
        guard !isClosed, !inputEnded, !isReading else { return }
        let result = uv_read_start(stream, Connection.onAllocate, Connection.onRead)
        if result == 0 { isReading = true } else { fail(.reset(Connection.text(of: result))) }
    }

    private func received(_ count: Int, _ bytes: UnsafeRawPointer?) {
        if count > 0 {
            let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
            if let protection { return open(bytes, by: protection) }
            input.append(bytes)
            hasNews = true
            pauseReadingIfFull()
            wakeReader()
        } else if count == Int(UV_EOF.rawValue) {
            // A reset that comes together with the last bytes is an orderly end to libuv, and is none.
            if let reason = pendingFailure { return fail(.reset(reason)) }
            if protection != nil { return inputBrokeOff() }
            endInput()
        } else if count < 0 {
            fail(.reset(Connection.text(of: Int32(count))))
        }
    }

    /// Reads what the kernel has, up to ``inputLimit``, past libuv, which reads in the loop's next turn: to be called
    /// before the connection is closed. Linux keeps what came before a reset until it is read or the socket is closed;
    /// other systems may have thrown it away.
    func takeWhatHasArrived() {
        guard let descriptor, !isClosed, !inputEnded else { return }
        let memory = loop.readBuffer
        while input.count <= inputLimit {
            let count = recv(descriptor, memory.baseAddress, memory.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            let bytes = UnsafeRawBufferPointer(rebasing: memory.prefix(count))
            if let protection {
                guard openLast(bytes, by: protection) else { return }
            } else {
                input.append(bytes)
                hasNews = true
            }
        }
    }

    func pauseReadingIfFull() {
        guard input.count > inputLimit, isReading else { return }
        uv_read_stop(stream)
        isReading = false
    }

    func endInput() {
        inputEnded = true
        uv_read_stop(stream)
        isReading = false
        let notify = onInputEnd
        onInputEnd = nil
        wakeReader()
        notify?()
    }

    /// What the kernel has against the socket and has not told yet.
    private var pendingFailure: String? {
        guard let descriptor else { return nil }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0, code != 0 else { return nil }
        return Connection.text(of: -code)
    }

    func wakeReader() {
        guard let continuation = reader else { return }
        reader = nil
        continuation.resume()
    }

    private static let onAllocate: uv_alloc_cb = { handle, _, buffer in
        guard let data = handle?.pointee.data else { return }
        let memory = Unmanaged<Connection>.fromOpaque(data).takeUnretainedValue().loop.readBuffer
        buffer?.pointee = uv_buf_init(
            memory.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(memory.count))
    }

    private static let onRead: uv_read_cb = { stream, count, buffer in
        guard let data = stream?.pointee.data else { return }
        Unmanaged<Connection>.fromOpaque(data).takeUnretainedValue()
            .received(count, UnsafeRawPointer(buffer?.pointee.base))
    }
}
