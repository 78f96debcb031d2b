/// The path of a route, taken apart.
struct RoutePattern: Sendable {
    enum Segment: Sendable, Equatable {
        case literal([UInt8])
        case parameter(String)
        case wildcard
    }

    let segments: [Segment]
    /// Names of what is captured, in order; `*` for the wildcard.
    let names: [String]

    init(_ pattern: String) throws(RouterError) {
        guard pattern.utf8.first == UInt8(ascii: "/") else { throw .invalidPattern(pattern) }
        var segments: [Segment] = []
        var names: [String] = []
        let parts = pattern.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.elementsEqual("*".utf8) {
                guard index == parts.count - 1 else { throw .invalidPattern(pattern) }
                segments.append(.wildcard)
                names.append("*")
            } else if part.first == UInt8(ascii: "{") {
                guard part.last == UInt8(ascii: "}"), part.count > 2 else { throw .invalidPattern(pattern) }
                let name = String(decoding: part.dropFirst().dropLast(), as: UTF8.self)
                guard !names.contains(name), !name.utf8.contains(where: { "{}*".utf8.contains($0) }) else {
                    throw .invalidPattern(pattern)
                }
                segments.append(.parameter(name))
                names.append(name)
            } else {
                guard !part.contains(where: { "{}*?#".utf8.contains($0) || $0 <= 0x20 || $0 >= 0x7f }) else {
                    throw .invalidPattern(pattern)
                }
                segments.append(.literal(Array(part)))
            }
        }
        self.segments = segments
        self.names = names
    }

    /// Whether both match the same paths; what their parameters are called does not matter.
    func matchesTheSame(as other: RoutePattern) -> Bool {
        segments.count == other.segments.count
            && zip(segments, other.segments).allSatisfy { left, right in
                switch (left, right) {
                case (.parameter, .parameter): true
                default: left == right
                }
            }
    }
}
