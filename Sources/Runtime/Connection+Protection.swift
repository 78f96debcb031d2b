internal import CUV
package import MartletCore

extension Connection {
    /// In bytes: a loop's buffer for records is given back when it has grown beyond this.
    private static let keptRecords = 128 << 10

    /// From here on ``input`` and ``output`` are what the user reads and writes, and the wire has what `protection` makes
    /// of it. Bytes in ``input`` were received already, and are its first. Returns when the handshake is over.
    ///
    /// Nobody else may read or write meanwhile.
    /// - Throws: `.timedOut` at `limit`, with the connection closed; `.insecure` when the peers do not agree.
    package func protect(
        with protection: any ConnectionProtection, until limit: MonotonicTime
    ) async throws(ConnectionError) {
        loop.assertCurrent()
        if let failure { throw failure }
        precondition(self.protection == nil, "a connection is protected once")
        try flush()
        self.protection = protection
        var received = input.takeAll()
        hasNews = false
        // Also with nothing: who speaks first does so now.
        open(received.readableBytes, by: protection)
        received.removeAll()
        if inputEnded, failure == nil { inputBrokeOff() }
        while failure == nil, !protection.isEstablished {
            if !isReading { startReading() }
            await withTaskCancellationHandler {
                await handshakeStep(of: protection, until: limit)
            } onCancel: {
                cancel()
            }
        }
        if let failure { throw failure }
    }

    private func handshakeStep(of protection: any ConnectionProtection, until limit: MonotonicTime) async {
        await withUnsafeContinuation { continuation in
            guard !protection.isEstablished, !isClosed else { return continuation.resume() }
            precondition(reader == nil, "somebody reads from a connection while it is being protected")
            reader = continuation
            readDeadline = limit
            readPatience = .never
            armTimer(for: limit)
        }
    }

    /// What came from the wire.
    func open(_ wire: UnsafeRawBufferPointer, by protection: any ConnectionProtection) {
        let (before, wasEstablished) = (input.count, protection.isEstablished)
        var problem: ConnectionError?
        do throws(ConnectionError) {
            try protection.open(wire, into: &input, answer: &loop.records)
        } catch {
            problem = error
        }
        let isNew = input.count > before
        if isNew { hasNews = true }
        // A peer that makes this side answer over and over (new keys, say) has to read the answers.
        unreadAnswers = queuedBytes == 0 ? 0 : unreadAnswers + loop.records.count
        sendRecords()
        if let problem { return fail(problem) }
        guard !isClosed else { return }
        guard unreadAnswers <= Connection.unreadAnswersLimit else {
            return fail(.reset("the peer does not read what it asks for"))
        }
        // Only with something to wake its reader by: half a record is nothing to him, and the other half has to come.
        if isNew { pauseReadingIfFull() }
        if protection.hasPeerEnded {
            endInput()
        } else if isNew || !wasEstablished && protection.isEstablished {
            wakeReader()
        }
    }

    /// In bytes.
    private static let unreadAnswersLimit = 64 << 10

    /// What came from the wire of a connection that cannot be written to any more: nothing is answered. False when there is
    /// no more to be had of it.
    func openLast(_ wire: UnsafeRawBufferPointer, by protection: any ConnectionProtection) -> Bool {
        let before = input.count
        var unsent = ByteBuffer()
        var isGood = true
        do { try protection.open(wire, into: &input, answer: &unsent) } catch { isGood = false }
        if input.count > before { hasNews = true }
        return isGood && !protection.hasPeerEnded
    }

    /// The wire ended, and the protocol had not: somebody may have cut off the rest.
    func inputBrokeOff() {
        guard protection?.hasPeerEnded != true else { return }
        fail(.reset("it ended without the peer having said so (a truncation, or a peer that was killed)"))
    }

    func sealOutput(by protection: any ConnectionProtection) throws(ConnectionError) {
        // Until then it waits, and the end of the handshake finds it here.
        guard protection.isEstablished else { return }
        do throws(ConnectionError) {
            try protection.seal(output.readableBytes, into: &loop.records)
        } catch {
            loop.records.removeAll()
            fail(error)
            throw failure ?? error
        }
        output.removeAll()
        sendRecords()
        if let failure { throw failure }
    }

    /// Sends what was made in the loop's buffer. A failure is kept, and thrown by whatever is called next.
    private func sendRecords() {
        guard !loop.records.isEmpty else { return }
        // The user's own bytes step aside: there is one way to write.
        swap(&output, &loop.records)
        do { try writeOutput() } catch {}
        swap(&output, &loop.records)
        loop.records.removeAll()
        loop.records.trim(to: Connection.keptRecords)
    }

    /// Tells the peer, if it can be told at once, that it has got everything.
    func sealEnd() {
        guard let protection, !isClosed, !isToBeReset else { return }
        protection.sealEnd(into: &loop.records)
        sendRecords()
    }
}
