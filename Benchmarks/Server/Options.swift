/// What Benchmarks/run asks for: `--address HOST:PORT --stack bare --store none`. What this server cannot do is refused,
/// so that nothing is measured under another's name.
struct Options {
    var host = "127.0.0.1"
    var port: UInt16 = 0

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        var rest = arguments.makeIterator()
        while let flag = rest.next() {
            guard let value = rest.next() else { throw UsageError("\(flag) needs a value") }
            switch flag {
            case "--address":
                guard let colon = value.lastIndex(of: ":"), let port = UInt16(value[value.index(after: colon)...])
                else {
                    throw UsageError("--address must be HOST:PORT")
                }
                host = String(value[..<colon])
                self.port = port
            case "--stack":
                guard value == "bare" else { throw UsageError("this server has no \(value) stack") }
            case "--store":
                guard value == "none" else { throw UsageError("this server has no store") }
            default: throw UsageError("there is no \(flag)")
            }
        }
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
