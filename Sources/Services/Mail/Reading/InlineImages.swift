internal import MartletWire

/// The images that a message brings along for its HTML, put into that as `data:` URLs in the place of `cid:` (RFC 2392).
///
/// Not as addresses of the attachments: what others wrote has an origin of its own where it is shown, so these would be
/// requests from another site, which the mailbox refuses, and the policy under which nothing is fetched would need an
/// exception.
struct InlineImages {
    private var images: [[UInt8]: Image] = [:]

    private struct Image {
        var type: String
        var bytes: [UInt8]

        var prefix: [UInt8] { Array("data:\(type);base64,".utf8) }
        /// Of the whole URL.
        var encodedCount: Int { prefix.count + Base64.encodedCount(bytes.count) }
    }

    /// What browsers show as an image and nothing else. No SVG: that is a document.
    private static let types: Set<String> = [
        "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp",
    ]
    /// Of all URLs that are put in, in bytes: a page could name one image ten thousand times.
    static let limit = 16 << 20

    static func isImage(_ type: String) -> Bool { types.contains(type) }

    /// The first of each id counts.
    /// - Parameter id: without its angle brackets.
    mutating func add(_ id: String, type: String, _ bytes: [UInt8]) {
        let id = Array(id.utf8)
        if images[id] == nil { images[id] = Image(type: type, bytes: bytes) }
    }

    /// The page with those of its images that are here. Only what can be an address is looked at: it begins after a
    /// quote, `=`, `(`, `,` or a space, and ends before a quote, `)`, an angle bracket or a space. HTML is not parsed for
    /// it: where this finds too much, sandbox and policy are what they were, and no character of a `data:` URL ends an
    /// attribute.
    func resolved(in html: String) -> [UInt8] {
        let html = Array(html.utf8)
        guard !images.isEmpty else { return html }
        var page: [UInt8] = []
        page.reserveCapacity(html.count)
        var room = Self.limit
        var index = 0
        while index < html.count {
            guard let end = Self.addressEnd(in: html, at: index) else {
                page.append(html[index])
                index += 1
                continue
            }
            let written = html[index..<end]
            index = end
            let image = images[Self.percentDecoded(written.dropFirst(Self.scheme.count))]
            guard let image, image.encodedCount <= room else {
                page += written
                continue
            }
            room -= image.encodedCount
            page += image.prefix
            page += Base64.encode(image.bytes)
        }
        return page
    }

    private static let scheme = Array("cid:".utf8)

    /// Where the `cid:` address that begins at `start` ends; nil when none begins there.
    private static func addressEnd(in html: [UInt8], at start: Int) -> Int? {
        guard html[start] | 0x20 == scheme[0], start > 0, begins(after: html[start - 1]),
            html.count - start > scheme.count
        else { return nil }
        for (offset, byte) in scheme.enumerated() where html[start + offset] | 0x20 != byte { return nil }
        return html[start...].firstIndex(where: ends) ?? html.count
    }

    private static func begins(after byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: ","):
            true
        default: false
        }
    }

    private static func ends(before byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"):
            true
        default: false
        }
    }

    private static func percentDecoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
