internal import CNGHTTP2

/// What is handed to nghttp2: its options and its callbacks, which are formed here, outside any isolation.
enum HTTP2Library {
    static func makeSession(_ role: HTTP2Session.Role, _ handle: inout OpaquePointer?, _ limits: HTTP2Limits) -> Bool {
        var option: OpaquePointer?
        guard nghttp2_option_new(&option) == 0 else { return false }
        defer { nghttp2_option_del(option) }
        // Windows open as bodies are read, not as they arrive.
        nghttp2_option_set_no_auto_window_update(option, 1)
        // Kept for priorities, which are not used.
        nghttp2_option_set_no_closed_streams(option, 1)
        nghttp2_option_set_max_continuations(option, limits.continuations)
        // Before the peer's settings are there, as careful as most servers.
        nghttp2_option_set_peer_max_concurrent_streams(option, 100)
        // Ours, which says when it is over, comes first.
        nghttp2_option_set_stream_reset_rate_limit(option, .max, .max)
        // To be told of frames of unknown types, which are then thrown away.
        for type in UInt8(10)...UInt8.max { nghttp2_option_set_user_recv_extension_type(option, type) }
        let made =
            role == .server
            ? nghttp2_session_server_new2(&handle, callbacks, nil, option)
            : nghttp2_session_client_new2(&handle, callbacks, nil, option)
        return made == 0
    }

    /// The session is not held: it ends its handle.
    static func setUser(of handle: OpaquePointer, to session: HTTP2Session) {
        nghttp2_session_set_user_data(handle, Unmanaged.passUnretained(session).toOpaque())
    }

    static func provider(for stream: HTTP2Stream) -> nghttp2_data_provider {
        var provider = nghttp2_data_provider()
        provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
        provider.read_callback = onDataWanted
        return provider
    }

    /// Streams are held by their session for as long as nghttp2 knows them.
    static func stream(_ id: Int32, of handle: OpaquePointer?) -> HTTP2Stream? {
        guard let data = nghttp2_session_get_stream_user_data(handle, id) else { return nil }
        return Unmanaged<HTTP2Stream>.fromOpaque(data).takeUnretainedValue()
    }

    @inline(__always)
    private static func session(_ user: UnsafeMutableRawPointer?) -> HTTP2Session? {
        user.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Every kind of frame begins with it.
    @inline(__always)
    private static func head(_ frame: UnsafePointer<nghttp2_frame>) -> nghttp2_frame_hd {
        UnsafeRawPointer(frame).loadUnaligned(as: nghttp2_frame_hd.self)
    }

    /// Written once, here, and only read afterwards.
    nonisolated(unsafe) private static let callbacks: OpaquePointer? = {
        var callbacks: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
        nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, onBeginFrame)
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, onBeginHeaders)
        nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader)
        nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, onInvalidHeader)
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onData)
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, onFrame)
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, onInvalidFrame)
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, onFrameSent)
        nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, onFrameNotSent)
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onStreamClose)
        nghttp2_session_callbacks_set_unpack_extension_callback(callbacks, onUnpackExtension)
        nghttp2_session_callbacks_set_send_data_callback(callbacks, onSendData)
        return callbacks
    }()

    private static let refused = NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    private static let failed = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue

    // MARK: Frames in

    private static let onBeginFrame: nghttp2_on_begin_frame_callback = { _, head, user in
        guard let session = session(user), let head else { return failed }
        return session.mayReceive(head.pointee) ? 0 : failed
    }

    private static let onBeginHeaders: nghttp2_on_begin_headers_callback = { handle, frame, user in
        guard let session = session(user), let frame else { return failed }
        let id = head(frame).stream_id
        if frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
            guard session.mayBegin else {
                session.hasRefused(id)
                nghttp2_submit_rst_stream(handle, 0, id, HTTP2ErrorCode.refusedStream.code)
                return refused
            }
            session.lastOpened = max(session.lastOpened, id)
            let stream = HTTP2Stream(id, in: session)
            nghttp2_session_set_stream_user_data(handle, id, Unmanaged.passUnretained(stream).toOpaque())
            session.add(stream)
            session.beginHead(.request, of: stream)
        } else if let stream = stream(id, of: handle) {
            session.beginHead(session.role == .client && stream.statusCode < 200 ? .response : .trailers, of: stream)
        } else {
            return refused
        }
        return 0
    }

    private static let onHeader: nghttp2_on_header_callback = {
        handle, frame, name, nameLength, value, valueLength, _, user in
        guard let session = session(user), let frame else { return failed }
        let isWellFormed = session.readField(
            UnsafeRawBufferPointer(start: name, count: nameLength),
            UnsafeRawBufferPointer(start: value, count: valueLength))
        if isWellFormed { return 0 }
        nghttp2_submit_rst_stream(handle, 0, head(frame).stream_id, HTTP2ErrorCode.protocolError.code)
        return refused
    }

    /// A character that cannot stand in a name or value. By itself nghttp2 would leave the field out.
    private static let onInvalidHeader: nghttp2_on_invalid_header_callback = { handle, frame, _, _, _, _, _, user in
        guard let frame else { return failed }
        nghttp2_submit_rst_stream(handle, 0, head(frame).stream_id, HTTP2ErrorCode.protocolError.code)
        return refused
    }

    private static let onData: nghttp2_on_data_chunk_recv_callback = { handle, _, id, bytes, count, user in
        guard let session = session(user) else { return failed }
        session.controlBudget.earn(HTTP2Session.earnings)
        if let stream = stream(id, of: handle) {
            stream.received(UnsafeRawBufferPointer(start: bytes, count: count))
        } else {
            nghttp2_session_consume_connection(handle, count)
        }
        return 0
    }

    private static let onFrame: nghttp2_on_frame_recv_callback = { handle, frame, user in
        guard let session = session(user), let frame else { return failed }
        let head = head(frame)
        switch head.type {
        case FrameType.headers:
            guard let stream = stream(head.stream_id, of: handle) else { return 0 }
            session.endHead(of: stream)
            if head.flags & FrameFlag.endStream != 0 { stream.receivedEnd() }
        case FrameType.data:
            if head.flags & FrameFlag.endStream != 0 { stream(head.stream_id, of: handle)?.receivedEnd() }
        case FrameType.resetStream: return session.mayReset() ? 0 : failed
        case FrameType.settings:
            session.settingsArrived(isAcknowledgement: head.flags & FrameFlag.acknowledgement != 0)
        case FrameType.ping: if head.flags & FrameFlag.acknowledgement != 0 { session.pingAnswered() }
        case FrameType.goAway:
            let goAway = frame.pointee.goaway
            session.goAwayArrived(last: goAway.last_stream_id, HTTP2ErrorCode(goAway.error_code))
        default: break
        }
        return 0
    }

    /// Over the limit of streams, for one: nghttp2 says so by itself.
    private static let onInvalidFrame: nghttp2_on_invalid_frame_recv_callback = { _, frame, _, user in
        guard let session = session(user), let frame else { return failed }
        let head = head(frame)
        if head.type == FrameType.headers { session.hasRefused(head.stream_id) }
        return 0
    }

    private static let onStreamClose: nghttp2_on_stream_close_callback = { handle, id, code, user in
        stream(id, of: handle)?.close(HTTP2ErrorCode(code))
        return 0
    }

    private static let onUnpackExtension: nghttp2_unpack_extension_callback = { _, _, _, _ in
        NGHTTP2_ERR_CANCEL.rawValue
    }

    // MARK: Frames out

    private static let onDataWanted: nghttp2_data_source_read_callback = { _, _, _, limit, flags, source, _ in
        guard let data = source?.pointee.ptr else { return Int(failed) }
        return Unmanaged<HTTP2Stream>.fromOpaque(data).takeUnretainedValue().nextFrame(limit: limit, flags)
    }

    private static let onSendData: nghttp2_send_data_callback = { _, _, head, count, source, _ in
        guard let data = source?.pointee.ptr else { return failed }
        Unmanaged<HTTP2Stream>.fromOpaque(data).takeUnretainedValue().writeFrame(head, count)
        return 0
    }

    private static let onFrameSent: nghttp2_on_frame_send_callback = { handle, frame, user in
        guard let session = session(user), let frame else { return failed }
        let head = head(frame)
        if head.type == FrameType.resetStream {
            session.hasReset(stream(head.stream_id, of: handle))
        } else if head.type == FrameType.goAway {
            session.goAwayWasSent()
        } else if head.flags & FrameFlag.endStream != 0, head.type <= FrameType.headers {
            session.hasEnded(head.stream_id)
        }
        return 0
    }

    /// A request that could not be begun: the server has said that it goes away.
    private static let onFrameNotSent: nghttp2_on_frame_not_send_callback = { handle, frame, _, user in
        guard session(user) != nil, let frame else { return failed }
        let head = head(frame)
        if head.type == FrameType.headers { stream(head.stream_id, of: handle)?.isUnsent = true }
        return 0
    }
}

/// RFC 9113 §6.
enum FrameType {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let priority: UInt8 = 2
    static let resetStream: UInt8 = 3
    static let settings: UInt8 = 4
    static let ping: UInt8 = 6
    static let goAway: UInt8 = 7
    static let windowUpdate: UInt8 = 8
    static let continuation: UInt8 = 9
}

enum FrameFlag {
    static let endStream: UInt8 = 1
    static let acknowledgement: UInt8 = 1
}
