internal import CNGHTTP2

// Called by nghttp2 while it reads or writes: what is to follow is noted and not done.
extension HTTP2Session {
    /// What a frame that moves something is worth in frames that do not.
    static let earnings = 4

    /// False: too much of what costs nothing to send (CVE-2019-9512, -9515, -9518).
    func mayReceive(_ head: nghttp2_frame_hd) -> Bool {
        if role == .server, head.stream_id <= lastOpened { refuseLateFrame(head) }
        switch head.type {
        case FrameType.data where head.flags & FrameFlag.endStream != 0 || head.length > 0 && head.flags & 8 == 0:
            return true
        case FrameType.headers:
            controlBudget.earn(Self.earnings)
            return true
        case FrameType.resetStream, FrameType.continuation: return true
        default: return controlBudget.spend(at: now) || flooded()
        }
    }

    /// What nghttp2 overlooks: HEADERS on streams that are closed, and PRIORITY on none, which it does not read any more.
    /// DATA on closed streams it throws away without a word.
    private func refuseLateFrame(_ head: nghttp2_frame_hd) {
        switch head.type {
        case FrameType.priority where head.stream_id == 0: terminate(.protocolError)
        case FrameType.headers:
            guard head.stream_id & 1 == 1, nghttp2_session_find_stream(handle, head.stream_id) == nil else { return }
            switch closed.ending(of: head.stream_id) {
            case .byThisSide: break
            case .byPeer: terminate(.streamClosed)
            case nil: terminate(.protocolError)
            }
        default: break
        }
    }

    /// A request that was refused before it became a stream.
    func hasRefused(_ id: Int32) { closed.add(id, .byThisSide) }

    /// Another stream of the peer's may begin. Those that were reset count for as long as their tasks run.
    var mayBegin: Bool { runningTasks < limits.concurrentStreams }

    func mayReset() -> Bool { role == .client || resetBudget.spend(at: now) || flooded() }

    /// A stream was reset from this side: by its own handler, or because of what the peer did (CVE-2025-8671).
    func hasReset(_ stream: HTTP2Stream?) {
        stream?.resetWasSent = true
        guard role == .server, stream?.wasResetHere != true else { return }
        if !resetBudget.spend(at: now) { _ = flooded() }
    }

    private func flooded() -> Bool {
        noteFlood()
        return false
    }

    /// This side of a stream has been sent to its end.
    func hasEnded(_ id: Int32) {
        guard role == .server, let stream = HTTP2Library.stream(id, of: handle) else { return }
        resetBudget.earn(1)
        // The rest of the request is not wanted (RFC 9113 §8.1).
        if !stream.inputHasEnded, !stream.wasResetHere { stream.reset(.noError) }
    }

    // MARK: Heads

    func beginHead(_ kind: HTTP2FieldReader.Kind, of stream: HTTP2Stream) {
        readerStream = stream
        reader.begin(kind, in: kind == .request ? stream.head : takeBlock())
    }

    func readField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
        guard readerStream != nil else { return false }
        do {
            try reader.read(name, value)
            return true
        } catch {
            return false
        }
    }

    func endHead(of stream: HTTP2Stream) {
        guard readerStream === stream else { return }
        readerStream = nil
        let block = reader.finish()
        switch reader.kind {
        case .request:
            stream.head = block
            stream.contentLength = reader.contentLength
            stream.rejection = reader.rejection
            stream.receivedHead(isNew: true)
        case .response:
            stream.head = block
            stream.contentLength = reader.contentLength
            stream.rejection = reader.rejection
            stream.statusCode = reader.status
            stream.receivedHead(isNew: false)
        case .trailers: stream.trailers = HTTPHeaders(block: block)
        }
    }
}
