/// Bytes in memory under a URL: a page, a stylesheet, compiled in or read once.
///
/// Answers GET and HEAD with `ETag`, `Cache-Control` and `Last-Modified`, and a conditional request (RFC 9110 §13) for
/// what the client has already with 304.
public struct HTTPAsset: Sendable {
    private let bytes: [UInt8]
    private let validator: Validator
    private let headers: HTTPHeaders

    /// - Parameters:
    ///   - contentType: `text/html; charset=utf-8`; ``MediaType`` knows the usual ones.
    ///   - cacheControl: `no-cache` lets a cache keep it, and ask whether it is still valid each time.
    ///   - modified: when it last changed, in seconds since 1970; nil where nobody knows.
    ///   - headers: to be sent with it, such as a Content-Security-Policy.
    public init(
        _ bytes: [UInt8], contentType: String, cacheControl: String = "no-cache", modified: Int64? = nil,
        headers: HTTPHeaders = [:]
    ) {
        self.bytes = bytes
        validator = Validator(
            entityTag: "\"\(String(Self.fingerprint(of: bytes), radix: 16))-\(String(bytes.count, radix: 16))\"",
            modified: modified.map { HTTPDate(seconds: $0) })
        var all = headers
        all["Content-Type"] = contentType
        all["Cache-Control"] = cacheControl
        validator.write(into: &all)
        self.headers = all
    }

    public func response(to request: HTTPRequest) -> HTTPResponse {
        if validator.isCurrent(for: request) {
            var headers = headers
            headers["Content-Type"] = nil
            return HTTPResponse(.notModified, headers: headers)
        }
        return HTTPResponse(.ok, headers: headers, body: .bytes(bytes))
    }

    /// FNV-1a, 64 bits: tells versions of one asset apart, and is no protection against forgery.
    private static func fingerprint(of bytes: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }
}

/// What a conditional request is compared with.
struct Validator: Sendable {
    /// With its quotes.
    var entityTag: String
    var modified: HTTPDate?

    func write(into headers: inout HTTPHeaders) {
        headers["ETag"] = entityTag
        if let modified { headers["Last-Modified"] = modified.text }
    }

    /// Whether the client has this version already. `If-Modified-Since` counts only without `If-None-Match` (RFC 9110
    /// §13.2.2).
    func isCurrent(for request: HTTPRequest) -> Bool {
        let tags = request.headers.values(of: "If-None-Match")
        if !tags.isEmpty { return tags.contains { matches($0) } }
        guard let modified else { return false }
        return request.headers.withValue(of: "If-Modified-Since") { text in
            HTTPDate(text).map { modified.seconds <= $0.seconds } ?? false
        } ?? false
    }

    /// Weak comparison (RFC 9110 §8.8.3.2). Our own tags hold no comma.
    private func matches(_ list: String) -> Bool {
        var list = list
        return list.withUTF8 { list in
            var found = false
            UnsafeRawBufferPointer(list).forEachListElement { element in
                var tag = element
                if tag.count > 2, tag.slice(0, 2).equalsCase("W/") { tag = tag.slice(2, tag.count) }
                if tag.equalsCase("*") || tag.elementsEqual(entityTag.utf8) { found = true }
            }
            return found
        }
    }
}

/// Content types by file name.
public enum MediaType {
    /// By the ending of a file's name; `application/octet-stream` for what is not known.
    public static func of(fileNamed name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return "application/octet-stream" }
        switch name[name.index(after: dot)...].lowercased() {
        case "html", "htm": return "text/html; charset=utf-8"
        case "css": return "text/css; charset=utf-8"
        case "js", "mjs": return "text/javascript; charset=utf-8"
        case "json", "map": return "application/json"
        case "txt", "md": return "text/plain; charset=utf-8"
        case "svg": return "image/svg+xml"
        case "png": return "image/png"
        case "jpg", "jpeg": return "image/jpeg"
        case "gif": return "image/gif"
        case "webp": return "image/webp"
        case "ico": return "image/x-icon"
        case "woff2": return "font/woff2"
        case "wasm": return "application/wasm"
        case "xml": return "application/xml"
        case "pdf": return "application/pdf"
        default: return "application/octet-stream"
        }
    }
}
