/// Which certificate is for which name: by the alternative names of the certificates, as RFC 6125 §6.4 compares them. The
/// whole name goes before a wildcard, and of two certificates with the same name the first counts.
struct ServerNameTable: Sendable {
    private var exact: [String: Int] = [:]
    /// By what follows the asterisk's dot.
    private var wildcards: [String: Int] = [:]

    /// - Parameter names: of each certificate, in their order.
    init(_ names: [[String]]) {
        for (index, names) in names.enumerated() {
            for name in names {
                let name = name.lowercased()
                if name.hasPrefix("*.") {
                    let rest = String(name.dropFirst(2))
                    // `*.com` is for nobody.
                    if rest.contains("."), wildcards[rest] == nil { wildcards[rest] = index }
                } else if exact[name] == nil {
                    exact[name] = index
                }
            }
        }
    }

    /// The place of the certificate for `name`; nil when there is none. A wildcard stands for one whole label.
    func index(for name: String) -> Int? {
        var name = name.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        if let index = exact[name] { return index }
        guard let dot = name.firstIndex(of: "."), dot != name.startIndex else { return nil }
        return wildcards[String(name[name.index(after: dot)...])]
    }
}
