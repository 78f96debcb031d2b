internal import CNGHTTP2
package import MartletRuntime

// Heads and bodies to be sent: submitted here, made into frames when nghttp2 asks for them.
extension HTTP2Stream {
    /// The head of a response. Nothing if one has been sent already.
    /// - Parameters:
    ///   - isLast: nothing follows: no body, no trailers.
    ///   - contentLength: of the body that follows, or would.
    ///   - date: the value of the field; nil for none.
    package func sendHead(
        _ status: HTTPStatus, _ headers: HTTPHeaders, isLast: Bool = false, contentLength: Int? = nil,
        date: UnsafeRawBufferPointer? = nil
    ) {
        guard let session, !hasSentHead else { return }
        hasSentHead = true
        outputHasEnded = isLast
        sentHeaders = headers
        let result = HTTP2FieldList.withList(capacity: headers.count + 3) { list in
            if status.code == 200 {
                list.add(":status", "200")
                return submit(&list, headers, contentLength, date, isLast, session)
            }
            return withDecimal(status.code) { code in
                list.add(":status", code)
                return submit(&list, headers, contentLength, date, isLast, session)
            }
        }
        if result != 0 { return reset(.internalError) }
        session.wantOutput()
    }

    private func submit(
        _ list: inout HTTP2FieldList, _ headers: HTTPHeaders, _ contentLength: Int?, _ date: UnsafeRawBufferPointer?,
        _ isLast: Bool, _ session: HTTP2Session
    ) -> Int32 {
        list.add(lasting: headers, excluding: .notInHTTP2)
        if let date, headers.block?.known.contains(.date) != true { list.add("date", date) }
        guard let contentLength else { return submit(list, isLast, session) }
        return withDecimal(contentLength) { length in
            list.add("content-length", length)
            return submit(list, isLast, session)
        }
    }

    private func submit(_ list: HTTP2FieldList, _ isLast: Bool, _ session: HTTP2Session) -> Int32 {
        if isLast { return nghttp2_submit_response(session.handle, id, list.base, list.count, nil) }
        var provider = HTTP2Library.provider(for: self)
        return nghttp2_submit_response(session.handle, id, list.base, list.count, &provider)
    }

    /// A client's: the head of the request.
    /// - Returns: false when no stream can be begun on this connection any more.
    func begin(
        _ method: HTTPMethod, _ target: UnsafeRawBufferPointer, _ headers: HTTPHeaders, authority: String,
        scheme: StaticString, isLast: Bool, contentLength: Int?
    ) -> Bool {
        hasSentHead = true
        outputHasEnded = isLast
        sentHeaders = headers
        var authority = authority
        let number = authority.withUTF8 { authority in
            withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { name in
                let length = method.write(into: name)
                return HTTP2FieldList.withList(capacity: headers.count + 5) { list in
                    list.add(":method", UnsafeRawBufferPointer(rebasing: name[0..<length]))
                    list.add(":scheme", scheme)
                    list.add(":path", target)
                    list.add(":authority", UnsafeRawBufferPointer(authority))
                    list.add(lasting: headers, excluding: [.notInHTTP2, .host])
                    guard let contentLength else { return submitRequest(list) }
                    return withDecimal(contentLength) { length in
                        list.add("content-length", length)
                        return submitRequest(list)
                    }
                }
            }
        }
        id = number
        return number > 0
    }

    private func submitRequest(_ list: HTTP2FieldList) -> Int32 {
        guard let session else { return -1 }
        let user = Unmanaged.passUnretained(self).toOpaque()
        if outputHasEnded { return nghttp2_submit_request(session.handle, nil, list.base, list.count, nil, user) }
        var provider = HTTP2Library.provider(for: self)
        return nghttp2_submit_request(session.handle, nil, list.base, list.count, &provider, user)
    }

    /// Sends bytes of the body, after the head. Does not suspend; see ``room()``.
    package func send(_ bytes: [UInt8]) {
        guard let session, hasSentHead, !outputHasEnded, !bytes.isEmpty else { return }
        if output.isEmpty { progress = session.now }
        output.append(bytes)
        session.queuedMore(bytes.count)
        resume(session)
    }

    /// Ends this side, with trailers if there are any. What cannot stand on the wire is left out.
    package func finish(trailers: HTTPHeaders = HTTPHeaders()) {
        guard let session, hasSentHead, !outputHasEnded else { return }
        outputHasEnded = true
        if !trailers.isMalformed { sentTrailers = trailers }
        resume(session)
    }

    /// RST_STREAM: ends both sides at once. What is queued is not sent.
    package func reset(_ code: HTTP2ErrorCode) {
        guard let session else { return }
        wasResetHere = true
        session.reset(id, code)
    }

    /// Bytes that wait for room in the peer's windows, or for the end of the loop's turn.
    package var queuedBytes: Int { output.count }

    /// Suspends while so much is queued that more would only take memory.
    /// - Throws: `ConnectionError` when the stream is over.
    package func room() async throws(ConnectionError) {
        if !hasRoom {
            await withUnsafeContinuation { continuation in
                guard !hasRoom, writer == nil else { return continuation.resume() }
                awaitsRoom = true
                writer = continuation
            }
        }
        if let failure { throw failure }
    }

    /// What a closed stream means to who would go on using it.
    var failure: ConnectionError? {
        guard let closeCode, !(closeCode == .noError && outputHasEnded) else { return nil }
        return .reset(isLost ? "the connection ended" : "the stream was reset: \(closeCode)")
    }

    /// Why no more will arrive, although the peer has not ended its side.
    var inputFailure: ConnectionError? {
        guard let closeCode, !inputHasEnded else { return nil }
        return .reset(isLost ? "the connection ended" : "the stream was reset: \(closeCode)")
    }

    /// A client's: nobody reads any more.
    func abandon() {
        guard let session, session.role == .client, !inputHasEnded else { return }
        reset(.cancel)
    }

    var hasRoom: Bool {
        guard let session else { return true }
        // With many streams each gets less: the connection's share is divided.
        let share = session.limits.queuedOutput / max(1, session.streams.count)
        return output.count <= min(Self.highWater, max(Self.lowWater, share))
    }

    /// The share of the queue at which ``room()`` has waited: to be told when there is room.
    package func notifyWhenDrained() {
        awaitsRoom = true
        if hasRoom { session?.note(self) }
    }

    private func resume(_ session: HTTP2Session) {
        if isDeferred {
            isDeferred = false
            nghttp2_session_resume_data(session.handle, id)
        }
        session.wantOutput()
    }

    // Called by nghttp2.

    /// How many bytes go into the next frame.
    func nextFrame(limit: Int, _ flags: UnsafeMutablePointer<UInt32>?) -> Int {
        guard let session, let flags else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        let available = output.count
        if available == 0, !outputHasEnded {
            isDeferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        guard let sink = session.sink, sink.pointee.count < session.sinkLimit else {
            return Int(NGHTTP2_ERR_PAUSE.rawValue)
        }
        let count = min(limit, available)
        if count > 0 { flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue }
        if count == available, outputHasEnded {
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            if !sentTrailers.isEmpty {
                flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
                HTTP2FieldList.withList(capacity: sentTrailers.count) { list in
                    list.add(lasting: sentTrailers, excluding: [.notInHTTP2, .host])
                    _ = nghttp2_submit_trailer(session.handle, id, list.base, list.count)
                }
            }
        }
        return count
    }

    func writeFrame(_ head: UnsafePointer<UInt8>?, _ count: Int) {
        guard let session, let sink = session.sink else { return }
        sink.pointee.append(UnsafeRawBufferPointer(start: head, count: 9))
        output.move(count, to: &sink.pointee)
        session.queuedLess(count)
        progress = session.now
        session.controlBudget.earn(HTTP2Session.earnings)
        if awaitsRoom, output.count <= Self.lowWater || hasRoom { session.note(self) }
    }
}
