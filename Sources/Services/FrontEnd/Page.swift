internal import MartletCore

/// The test page for one broker and one set of services.
struct Page: Sendable {
    /// UTF-8.
    let html: [UInt8]
    /// What the page may load and whom it may ask: its own files and the broker, nothing else.
    let contentSecurityPolicy: String

    /// - Parameters:
    ///   - broker: the broker's address as a *browser* reaches it: `http://localhost:8080`, with a path if it has one.
    ///   - services: what the broker can pass requests to, by the names of the page's `data-needs`: `auth`, `log`,
    ///     `bus`, `mail`, `logout`, `log-grpc`. A button whose service is not among them says so.
    ///   - panels: what the page shows beside the tests, by the names of its `data-panel`: `log`, `mailbox`.
    /// - Throws: ``ServiceError`` for an address that is no absolute `http` or `https` URL.
    init(broker: String, services: [String], panels: [String]) throws {
        let origins = try Self.origins(of: broker).joined(separator: " ")
        let values = [
            "{{broker}}": broker, "{{services}}": services.joined(separator: " "),
            "{{panels}}": panels.joined(separator: " "),
        ]
        html = Array(Self.fill(Asset.pageTemplate, with: values.mapValues(Self.escape)).utf8)
        contentSecurityPolicy = [
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
            "connect-src 'self' \(origins)", "frame-src 'self'", "base-uri 'none'", "form-action 'none'",
            "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    /// The broker's origin. This machine goes by two names, and a page uses the one that it was opened with, so that the
    /// broker's cookies are of its own site; so both are allowed.
    private static func origins(of address: String) throws -> [String] {
        let origin = try origin(of: address)
        let names = ["localhost", "127.0.0.1"]
        for scheme in ["http://", "https://"] {
            for name in names where origin == scheme + name || origin.hasPrefix(scheme + name + ":") {
                return names.map { scheme + $0 + origin.dropFirst(scheme.count + name.count) }
            }
        }
        return [origin]
    }

    /// Scheme, host and port. Strict: the text becomes part of a policy, where a blank or a semicolon would open it.
    private static func origin(of address: String) throws -> String {
        let refusal = ServiceError(
            .invalidArgument,
            "the broker's address must be an http or https URL, as http://localhost:8080; "
                + "it is “\(address)”")
        for scheme in ["http://", "https://"] where address.hasPrefix(scheme) {
            let authority = address.utf8.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "/") }
            guard !authority.isEmpty, authority.allSatisfy(isPartOfAuthority) else { throw refusal }
            return scheme + String(decoding: authority, as: UTF8.self)
        }
        throw refusal
    }

    private static func isPartOfAuthority(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: ".-:[]".utf8.contains(byte)
        }
    }

    /// Replaces each placeholder once; text that was put in is not read again.
    private static func fill(_ template: String, with values: [String: String]) -> String {
        var filled = ""
        var rest = template[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            let placeholder = String(rest[open.lowerBound..<close.upperBound])
            filled += rest[..<open.lowerBound] + (values[placeholder] ?? placeholder)
            rest = rest[close.upperBound...]
        }
        return filled + rest
    }

    /// For text and for attributes in double or single quotes.
    private static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
