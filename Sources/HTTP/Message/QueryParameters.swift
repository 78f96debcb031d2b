/// The query of a request as `name=value` pairs (`application/x-www-form-urlencoded`: percent-encoding, `+` for a
/// blank). Read from the request's bytes when asked.
public struct QueryParameters: Sendable {
    let head: HeadBlock

    /// The first value of a name, decoded; "" for a name without a value; nil when the name is not there.
    public subscript(name: String) -> String? {
        var found: String?
        forEach { candidate, value in
            guard candidate == name else { return true }
            found = value
            return false
        }
        return found
    }

    /// All values of a name, in order.
    public func values(of name: String) -> [String] {
        var values: [String] = []
        forEach { candidate, value in
            if candidate == name { values.append(value) }
            return true
        }
        return values
    }

    /// All pairs, decoded, in order.
    package var pairs: [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        forEach { name, value in
            pairs.append((name, value))
            return true
        }
        return pairs
    }

    /// As it stands in the request line, without its question mark.
    public var raw: String? { head.requestLine.query.map { String(bytes: head.bytes(of: $0)) } }

    /// Calls `body` with each pair until it returns false.
    func forEach(_ body: (String, String) -> Bool) {
        guard let span = head.requestLine.query else { return }
        let query = head.bytes(of: span)
        var start = 0
        while start < query.count {
            let end = query.firstIndex(of: UInt8(ascii: "&"), from: start) ?? query.count
            if end > start {
                let pair = query.slice(start, end)
                let equals = pair.firstIndex(of: UInt8(ascii: "="), from: 0) ?? pair.count
                let name = percentDecoded(pair.slice(0, equals), plusIsSpace: true)
                let value =
                    equals < pair.count ? percentDecoded(pair.slice(equals + 1, pair.count), plusIsSpace: true) : ""
                if !body(name, value) { return }
            }
            start = end + 1
        }
    }
}

/// What a route's `{parameters}` and its wildcard matched, decoded. `/users/{id}` and `/files/*`: `parameters["id"]`,
/// `parameters["*"]`.
public struct PathParameters: Sendable {
    /// Nil for a route without parameters: nothing is allocated for it.
    private var values: [(name: String, value: String)]?

    public init() {}

    init(_ values: [(name: String, value: String)]) {
        self.values = values
    }

    public subscript(name: String) -> String? {
        values?.first { $0.name == name }?.value
    }
}

/// Percent-decoding; a `%` that is not followed by two hexadecimal digits stays as it is.
func percentDecoded(_ bytes: UnsafeRawBufferPointer, plusIsSpace: Bool) -> String {
    let needsDecoding =
        bytes.firstIndex(of: UInt8(ascii: "%"), from: 0) != nil
        || plusIsSpace && bytes.firstIndex(of: UInt8(ascii: "+"), from: 0) != nil
    guard needsDecoding else { return String(bytes: bytes) }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
        let byte = bytes[index]
        if byte == UInt8(ascii: "%"), index + 2 < bytes.count,
            let high = ASCII.hexadecimalValue(bytes[index + 1]), let low = ASCII.hexadecimalValue(bytes[index + 2])
        {
            decoded.append(high << 4 | low)
            index += 3
        } else {
            decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? ASCII.space : byte)
            index += 1
        }
    }
    return String(decoding: decoded, as: UTF8.self)
}
