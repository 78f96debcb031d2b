internal import MartletHTTP

/// An asset as it is sent: the headers are made once, and every response shares them.
struct Representation: Sendable {
    private let headers: HTTPHeaders
    private let body: HTTPBody
    private let entityTag: String

    init(_ asset: Asset, policy: String) {
        headers = [
            "Content-Type": asset.contentType,
            "ETag": asset.entityTag,
            // Kept, but asked about each time: a page and a script of different builds must not meet.
            "Cache-Control": "no-cache",
            "Content-Security-Policy": policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        ]
        body = .bytes(asset.bytes)
        entityTag = asset.entityTag
    }

    /// 200 with the bytes, or 304 when `known`, an `If-None-Match` field, has this representation's tag.
    func response(unless known: String? = nil) -> HTTPResponse {
        if let known, matches(known) { return HTTPResponse(.notModified, headers: headers) }
        return HTTPResponse(.ok, headers: headers, body: body)
    }

    /// RFC 9110 §13.1.2: a list of tags, compared weakly, or `*`. Our tags have no comma in them.
    private func matches(_ known: String) -> Bool {
        known.split(separator: ",").contains { element in
            let tag = element.trimmingBlanks
            return tag == "*" || tag == entityTag || tag == "W/" + entityTag
        }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...last]
    }
}
