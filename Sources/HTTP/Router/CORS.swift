/// Cross-origin answers as the originals give them, bit by bit (contracts, course A.2): any http or https origin, with
/// credentials. On the originals' routes only; see ``Router/Access``.
enum CORS {
    private static let methods: Set<String> = ["GET", "POST", "PUT", "DELETE", "OPTIONS"]
    private static let fields: Set<String> = ["Accept", "Authorization", "Content-Type", "X-Csrf-Token", "Origin"]

    static func isPreflight(_ request: HTTPRequest) -> Bool {
        guard request.method == .options else { return false }
        return request.headers.withValue(ofKnown: "access-control-request-method") { !$0.isEmpty } ?? false
    }

    /// Always 200; what is not allowed is left out.
    static func preflight(_ request: HTTPRequest) -> HTTPResponse {
        var headers = HTTPHeaders()
        for name in ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"] {
            headers.add("Vary", name)
        }
        let method = (request.headers["access-control-request-method"] ?? "").uppercased()
        let asked = fieldNames(request.headers["access-control-request-headers"] ?? "")
        guard let origin = allowedOrigin(of: request), methods.contains(method), fields.isSuperset(of: asked) else {
            return HTTPResponse(.ok, headers: headers)
        }
        headers.add("Access-Control-Allow-Origin", origin)
        headers.add("Access-Control-Allow-Methods", method)
        if !asked.isEmpty { headers.add("Access-Control-Allow-Headers", asked.joined(separator: ", ")) }
        headers.add("Access-Control-Allow-Credentials", "true")
        headers.add("Access-Control-Max-Age", "300")
        return HTTPResponse(.ok, headers: headers)
    }

    /// The fields of an answer that is no preflight.
    static func mark(_ response: inout HTTPResponse, for request: HTTPRequest) {
        response.headers.add("Vary", "Origin")
        guard let origin = allowedOrigin(of: request) else { return }
        response.headers.add("Access-Control-Allow-Origin", origin)
        response.headers.add("Access-Control-Allow-Credentials", "true")
        response.headers.add("Access-Control-Expose-Headers", "Link")
    }

    private static func allowedOrigin(of request: HTTPRequest) -> String? {
        request.headers.withValue(ofKnown: "origin") { origin in
            let isWeb =
                origin.count >= 7 && origin.slice(0, 7).equalsIgnoringCase("http://")
                || origin.count >= 8 && origin.slice(0, 8).equalsIgnoringCase("https://")
            return isWeb ? String(bytes: origin) : nil
        } ?? nil
    }

    /// Field names in Go's canonical case: `x-csrf-token` is `X-Csrf-Token`.
    private static func fieldNames(_ list: String) -> [String] {
        list.utf8.split { $0 == UInt8(ascii: ",") || $0 == ASCII.space }.map { name in
            var startsWord = true
            let canonical = name.map { byte in
                let lowercase = ASCII.lowercased(byte)
                let isLetter = lowercase &- 0x61 < 26
                defer { startsWord = byte == UInt8(ascii: "-") }
                return startsWord && isLetter ? lowercase & 0xdf : lowercase
            }
            return String(decoding: canonical, as: UTF8.self)
        }
    }
}
