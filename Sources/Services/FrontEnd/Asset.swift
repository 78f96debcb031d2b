internal import FrontEndAssets

/// A file of the page, compiled into the executable.
struct Asset: Sendable {
    let path: String
    let contentType: String
    let bytes: [UInt8]

    /// All but the page.
    static let files = [
        Asset("/app.css", "text/css; charset=utf-8", martlet_app_css()),
        Asset("/app.js", "text/javascript; charset=utf-8", martlet_app_js()),
        Asset("/dom.js", "text/javascript; charset=utf-8", martlet_dom_js()),
        Asset("/log.js", "text/javascript; charset=utf-8", martlet_log_js()),
        Asset("/mailbox.js", "text/javascript; charset=utf-8", martlet_mailbox_js()),
        Asset("/tests.js", "text/javascript; charset=utf-8", martlet_tests_js()),
        Asset("/favicon.svg", "image/svg+xml", martlet_favicon_svg()),
    ]

    /// The page before the server's values are put in; see ``Page``.
    static let pageTemplate = String(decoding: bytes(of: martlet_index_html()), as: UTF8.self)

    private init(_ path: String, _ contentType: String, _ asset: martlet_asset) {
        self.path = path
        self.contentType = contentType
        bytes = Self.bytes(of: asset)
    }

    private static func bytes(of asset: martlet_asset) -> [UInt8] {
        Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))
    }
}
