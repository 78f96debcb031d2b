/// Sorts a command line into flags and the rest: `--name value`, `--name=value`, for a switch also `--name` and
/// `--no-name`; `--` ends the flags.
struct ArgumentReader {
    private(set) var flags: [String: String] = [:]
    private(set) var positionals: [String] = []
    private(set) var problems: [String] = []
    /// Every flag, and whether it is a switch.
    private let known: [String: Bool]

    init(_ keys: [any AnyConfigurationKey]) {
        var known: [String: Bool] = [:]
        for key in keys {
            if let flag = key.flag { known[flag] = key.isSwitch }
        }
        self.known = known
    }

    mutating func read(_ arguments: [String]) throws(ConfigurationError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                positionals += rest
                return
            }
            if argument == "--help" || argument == "-h" { throw .helpRequested }
            guard argument.hasPrefix("-"), argument != "-" else {
                positionals.append(argument)
                continue
            }
            read(flag: argument, &rest)
        }
    }

    private mutating func read(flag argument: String, _ rest: inout ArraySlice<String>) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let given = String(parts[0])
        let name = given.hasPrefix("--") ? String(given.dropFirst(2)) : ""
        if let isSwitch = known[name] {
            if parts.count == 2 {
                set(name, String(parts[1]))
            } else if isSwitch {
                set(name, "true")
            } else if let value = rest.first, !value.hasPrefix("--") {
                rest.removeFirst()
                set(name, value)
            } else {
                problems.append("--\(name) needs a value: --\(name)=VALUE")
            }
        } else if name.hasPrefix("no-"), known[String(name.dropFirst(3))] == true, parts.count == 1 {
            set(String(name.dropFirst(3)), "false")
        } else {
            let similar = known.keys.sorted().min { distance($0, name) < distance($1, name) }
            let hint = similar.flatMap { distance($0, name) <= 2 ? "; did you mean --\($0)?" : nil }
            problems.append("unknown flag \(quoted(given))\(hint ?? "; see --help")")
        }
    }

    private mutating func set(_ name: String, _ value: String) {
        if let earlier = flags[name], earlier != value {
            problems.append("--\(name) is given twice: \(quoted(earlier)) and \(quoted(value))")
        }
        flags[name] = value
    }

    /// Levenshtein's distance, for names of reasonable length.
    private func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count <= 64, right.count <= 64 else { return .max }
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}

extension AnyConfigurationKey {
    var isSwitch: Bool { type.isSwitch }
}
