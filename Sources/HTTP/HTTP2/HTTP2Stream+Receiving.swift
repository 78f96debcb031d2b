internal import CNGHTTP2
package import MartletCore

// What has arrived, and the window that opens as it is consumed.
extension HTTP2Stream {
    /// How many bytes have arrived and were not consumed.
    package var inputCount: Int { input.count &- inputStart }

    /// Calls `body` with what has arrived and was not consumed. The bytes are valid only during the call.
    package func withInput<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try input.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[inputStart...])) }
    }

    /// Forgets the first `count` bytes, and lets the peer send as many more.
    package func consume(_ count: Int) {
        let count = min(max(count, 0), inputCount)
        inputStart &+= count
        if inputStart == input.count {
            input.removeAll(keepingCapacity: input.count <= Self.lowWater)
            inputStart = 0
        }
        giveBack(count)
    }

    /// All that has arrived, which is thereby consumed.
    package func takeInput() -> [UInt8] {
        let count = inputCount
        defer { giveBack(count) }
        if inputStart > 0 {
            let rest = Array(input[inputStart...])
            input = []
            inputStart = 0
            return rest
        }
        var taken: [UInt8] = []
        swap(&taken, &input)
        return taken
    }

    private func giveBack(_ count: Int) {
        guard count > 0, let session else { return }
        let count = min(count, unconsumed)
        unconsumed &-= count
        if inputHasEnded {
            nghttp2_session_consume_connection(session.handle, count)
        } else {
            nghttp2_session_consume(session.handle, id, count)
        }
        if nghttp2_session_want_write(session.handle) != 0 { session.wantOutput() }
    }

    /// Suspends until there is more than there was, the peer has ended its side, or the stream is over.
    /// - Returns: false when the deadline came first.
    package func moreInput(until deadline: MonotonicTime = .never) async -> Bool {
        if hasNewInput || inputHasEnded || isOver {
            hasNewInput = false
            return true
        }
        readerIsLate = false
        readDeadline = deadline
        if deadline != .never { session?.onDeadline?(deadline) }
        await withUnsafeContinuation { continuation in
            guard !hasNewInput, !inputHasEnded, !isOver, reader == nil else { return continuation.resume() }
            reader = continuation
        }
        hasNewInput = false
        return !readerIsLate
    }

    func wakeReader() {
        guard let continuation = reader else { return }
        reader = nil
        readDeadline = .never
        continuation.resume()
    }

    // Called by nghttp2.

    func received(_ bytes: UnsafeRawBufferPointer) {
        if inputStart > 0, inputStart == input.count {
            input.removeAll(keepingCapacity: true)
            inputStart = 0
        }
        if input.isEmpty, let contentLength, contentLength <= Self.highWater { input.reserveCapacity(contentLength) }
        input.append(contentsOf: bytes)
        unconsumed &+= bytes.count
        noteInput()
    }

    func receivedEnd() {
        inputHasEnded = true
        noteInput()
    }

    func noteInput() {
        hasNewInput = true
        hasUntold = true
        session?.note(self)
    }

    func receivedHead(isNew: Bool) {
        if isNew { self.isNew = true }
        noteInput()
    }
}
