/// What is spoken over a connection, the preferred first (ALPN, RFC 7301): `["h2", "http/1.1"]`. Made once, by whoever
/// speaks it.
public struct TLSProtocols: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// As on the wire: each name behind its length.
    let bytes: [UInt8]

    /// - Parameter names: each of 1 to 255 bytes. They are a program's own words, so others are a mistake in it.
    public init(_ names: [String]) {
        var bytes: [UInt8] = []
        for name in names {
            precondition((1...255).contains(name.utf8.count), "no protocol can be called '\(name)'")
            bytes.append(UInt8(truncatingIfNeeded: name.utf8.count))
            bytes += Array(name.utf8)
        }
        self.bytes = bytes
    }

    public init(arrayLiteral names: String...) { self.init(names) }

    /// Nothing is said, and nothing agreed.
    public static let unsaid: TLSProtocols = []

    /// Where in `offer`, a client's list, the first of these is that stands there; nil when none does.
    func choose(from offer: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        var wanted = bytes[...]
        while let length = wanted.popFirst() {
            let name = wanted.prefix(Int(length))
            var place = 0
            while place < offer.count {
                let (start, end) = (place + 1, place + 1 + Int(offer[place]))
                guard end <= offer.count else { return nil }
                if offer[start..<end].elementsEqual(name) { return start..<end }
                place = end
            }
            wanted = wanted.dropFirst(Int(length))
        }
        return nil
    }
}
