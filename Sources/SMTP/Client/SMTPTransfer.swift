internal import CCurl
internal import Glibc
internal import MartletCore

/// One message on its way through libcurl. Used by one thread, and blocks it.
final class SMTPTransfer {
    private let handle: OpaquePointer
    private var recipients: UnsafeMutablePointer<curl_slist>?
    private let content: [UInt8]
    private var sent = 0
    /// The line that the server sent last, its goodbye excepted: libcurl says QUIT before it reports a failure.
    private var lastLine: [UInt8] = []

    private static let lineLimit = 512

    /// Once in the process, before any handle is made.
    private static let isInitialized: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(_ server: SMTPClient.Server, _ envelope: SMTPEnvelope, _ content: [UInt8]) throws(SMTPClientError) {
        guard Self.isInitialized, let handle = martlet_curl_easy_init() else {
            throw SMTPClientError(isPermanent: false, "libcurl could not be started")
        }
        self.handle = handle
        self.content = content
        do throws(SMTPClientError) {
            try set(server)
            try set(envelope)
        } catch {
            // The object never was: its deinit does not run.
            release()
            throw error
        }
    }

    deinit { release() }

    private func release() {
        // Also says QUIT, and waits for the answer within the time set below.
        martlet_curl_easy_cleanup(handle)
        curl_slist_free_all(recipients)
    }

    private func set(_ server: SMTPClient.Server) throws(SMTPClientError) {
        let scheme = server.encryption == .implicit ? "smtps" : "smtp"
        try set(CURLOPT_URL, "\(scheme)://\(server.address)/\(server.domain)")
        try set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // The environment's proxies are for the web.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_SERVER_RESPONSE_TIMEOUT, 10)
        let hasCredentials = !server.user.isEmpty || !server.password.exposed.isEmpty
        let tls: UInt32
        switch server.encryption {
        case .implicit, .required: tls = CURLUSESSL_ALL.rawValue
        case .opportunistic: tls = hasCredentials ? CURLUSESSL_ALL.rawValue : CURLUSESSL_TRY.rawValue
        case .none: tls = CURLUSESSL_NONE.rawValue
        }
        try set(CURLOPT_USE_SSL, Int(tls))
        if let authorities = server.authorities { try set(CURLOPT_CAINFO, authorities) }
        if hasCredentials {
            try set(CURLOPT_USERNAME, server.user)
            try set(CURLOPT_PASSWORD, server.password.exposed)
        }
    }

    private func set(_ envelope: SMTPEnvelope) throws(SMTPClientError) {
        try set(CURLOPT_MAIL_FROM, envelope.sender.map { "<\($0)>" } ?? "<>")
        for recipient in envelope.recipients {
            guard let longer = curl_slist_append(recipients, "<\(recipient)>") else { throw Self.refusal }
            recipients = longer
        }
        guard martlet_curl_setopt_pointer(handle, CURLOPT_MAIL_RCPT, recipients) == CURLE_OK else {
            throw Self.refusal
        }
        try set(CURLOPT_UPLOAD, 1)
        guard martlet_curl_setopt_size(handle, CURLOPT_INFILESIZE_LARGE, content.count) == CURLE_OK else {
            throw Self.refusal
        }
    }

    private static let refusal = SMTPClientError(isPermanent: false, "libcurl did not take its settings")

    private func set(_ option: CURLoption, _ text: String) throws(SMTPClientError) {
        guard martlet_curl_setopt_string(handle, option, text) == CURLE_OK else { throw Self.refusal }
    }

    private func set(_ option: CURLoption, _ number: Int) throws(SMTPClientError) {
        guard martlet_curl_setopt_long(handle, option, number) == CURLE_OK else { throw Self.refusal }
    }

    // MARK: Sending

    func perform(connect: Duration, whole: Duration) throws(SMTPClientError) {
        try set(CURLOPT_CONNECTTIMEOUT_MS, Int(connect.wholeNanoseconds / 1_000_000))
        try set(CURLOPT_TIMEOUT_MS, Int(whole.wholeNanoseconds / 1_000_000))
        let this = Unmanaged.passUnretained(self).toOpaque()
        guard martlet_curl_setopt_read(handle, Self.read, this) == CURLE_OK,
            martlet_curl_setopt_header(handle, Self.readLine, this) == CURLE_OK
        else { throw Self.refusal }
        let result = withExtendedLifetime(self) { martlet_curl_easy_perform(handle) }
        guard result != CURLE_OK else { return }
        throw failure(result)
    }

    private func failure(_ result: CURLcode) -> SMTPClientError {
        var text = String(cString: curl_easy_strerror(result))
        var line = lastLine
        while let last = line.last, last == ASCII.cr || last == ASCII.lf { line.removeLast() }
        if !line.isEmpty { text += ": \(String(decoding: line, as: UTF8.self))" }
        // What the server says of the sender, a recipient or the message. What it says of the connection, the login or
        // TLS is a matter of settings, which may be put right while the message waits.
        let isAboutMessage = result == CURLE_SEND_ERROR || result == CURLE_WEIRD_SERVER_REPLY && sent > 0
        return SMTPClientError(isPermanent: isAboutMessage && line.first == UInt8(ascii: "5"), text)
    }

    private static let read: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int =
        { buffer, size, count, this in
            guard let buffer, let this else { return 0 }
            let transfer = Unmanaged<SMTPTransfer>.fromOpaque(this).takeUnretainedValue()
            let length = min(size &* count, transfer.content.count - transfer.sent)
            guard length > 0 else { return 0 }
            transfer.content.withUnsafeBytes { content in
                UnsafeMutableRawPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: content[transfer.sent...]).baseAddress
                        ?? UnsafeRawPointer(buffer),
                    byteCount: length)
            }
            transfer.sent += length
            return length
        }

    private static let readLine:
        @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int =
            { buffer, size, count, this in
                guard let buffer, let this else { return 0 }
                let transfer = Unmanaged<SMTPTransfer>.fromOpaque(this).takeUnretainedValue()
                let bytes = UnsafeRawBufferPointer(start: buffer, count: size &* count)
                if !bytes.starts(with: "221".utf8) { transfer.lastLine = Array(bytes.prefix(lineLimit)) }
                return size &* count
            }
}
