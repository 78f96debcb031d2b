internal import FrontEndAssets

/// A file of the page, compiled into the executable.
struct Asset: Sendable {
    let path: String
    let contentType: String
    let bytes: [UInt8]
    /// Strong: equal exactly when the bytes are (RFC 9110 §8.8.3), with its quotes.
    let entityTag: String

    init(path: String, contentType: String, bytes: [UInt8]) {
        self.path = path
        self.contentType = contentType
        self.bytes = bytes
        entityTag = Self.entityTag(of: bytes)
    }

    static let styleSheet = Asset("/app.css", "text/css; charset=utf-8", martlet_app_css())
    static let script = Asset("/app.js", "text/javascript; charset=utf-8", martlet_app_js())
    static let icon = Asset("/favicon.svg", "image/svg+xml", martlet_favicon_svg())

    /// The page before the server's values are put in; see ``Page``.
    static let pageTemplate = String(decoding: bytes(of: martlet_index_html()), as: UTF8.self)

    private init(_ path: String, _ contentType: String, _ asset: martlet_asset) {
        self.init(path: path, contentType: contentType, bytes: Self.bytes(of: asset))
    }

    private static func bytes(of asset: martlet_asset) -> [UInt8] {
        Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))
    }

    /// FNV-1a, 64 bits, over the content. It tells one build's file from another's; nobody is kept out by it.
    private static func entityTag(of bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        return "\"\(String(hash, radix: 16))-\(String(bytes.count, radix: 16))\""
    }
}
