/// Paths as a tree of segments. Immutable once built; matching looks at the path's bytes and makes no String.
struct RouteTrie: Sendable {
    struct Node: Sendable {
        var literals: [(label: [UInt8], node: Int)] = []
        var parameter: Int?
        /// Route numbers of `*` at this place.
        var wildcard: [Target] = []
        /// Route numbers of the path that ends here.
        var targets: [Target] = []
    }

    struct Target: Sendable {
        var method: HTTPMethod
        var route: Int
    }

    enum Match: Equatable {
        case route(Int)
        /// Some route has this path, but none with this method. The number is one of them.
        case wrongMethod(Int)
        case none
    }

    private var nodes = [Node()]

    mutating func insert(_ pattern: RoutePattern, method: HTTPMethod, route: Int) {
        var at = 0
        for segment in pattern.segments {
            switch segment {
            case .literal(let label):
                if let known = nodes[at].literals.first(where: { $0.label == label }) {
                    at = known.node
                } else {
                    nodes.append(Node())
                    nodes[at].literals.append((label, nodes.count - 1))
                    at = nodes.count - 1
                }
            case .parameter:
                if let known = nodes[at].parameter {
                    at = known
                } else {
                    nodes.append(Node())
                    nodes[at].parameter = nodes.count - 1
                    at = nodes.count - 1
                }
            case .wildcard:
                nodes[at].wildcard.append(Target(method: method, route: route))
                return
            }
        }
        nodes[at].targets.append(Target(method: method, route: route))
    }

    /// The most specific route of this path and method. `captures` receives where the parameters are.
    func match(_ path: UnsafeRawBufferPointer, method: HTTPMethod, captures: inout [Range<Int>]) -> Match {
        guard path.first == UInt8(ascii: "/") else { return .none }
        var other: Int?
        if let route = search(0, path, from: 1, method: method, captures: &captures, other: &other) {
            return .route(route)
        }
        return other.map { .wrongMethod($0) } ?? .none
    }

    /// Depth first, in the order of precedence; a branch that has the path but not the method is left again. As deep
    /// as the longest pattern, whatever the path.
    private func search(
        _ index: Int, _ path: UnsafeRawBufferPointer, from start: Int, method: HTTPMethod,
        captures: inout [Range<Int>], other: inout Int?
    ) -> Int? {
        if start > path.count { return Self.pick(nodes[index].targets, method, &other) }
        let end = path.firstIndex(of: UInt8(ascii: "/"), from: start) ?? path.count
        for literal in nodes[index].literals where literal.label.count == end - start {
            let isEqual = literal.label.withUnsafeBytes { $0.equals(path.slice(start, end)) }
            guard isEqual else { continue }
            if let found = search(
                literal.node, path, from: end + 1, method: method, captures: &captures, other: &other)
            {
                return found
            }
        }
        if let parameter = nodes[index].parameter, end > start {
            captures.append(start..<end)
            if let found = search(parameter, path, from: end + 1, method: method, captures: &captures, other: &other) {
                return found
            }
            captures.removeLast()
        }
        if !nodes[index].wildcard.isEmpty {
            captures.append(start..<path.count)
            if let found = Self.pick(nodes[index].wildcard, method, &other) { return found }
            captures.removeLast()
        }
        return nil
    }

    private static func pick(_ targets: [Target], _ method: HTTPMethod, _ other: inout Int?) -> Int? {
        for target in targets where target.method == method { return target.route }
        if method == .head {
            for target in targets where target.method == .get { return target.route }
        }
        if other == nil { other = targets.first?.route }
        return nil
    }
}
