/// What Benchmarks/run asks for: `--address HOST:PORT --stack bare|default --store none|PATH`.
struct Options {
    enum Stack: String {
        case bare
        case `default`
    }

    var host = "127.0.0.1"
    var port: UInt16 = 0
    var stack = Stack.bare
    /// The SQLite file of the entries; nil keeps none.
    var store: String?

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
                guard let stack = Stack(rawValue: value) else { throw UsageError("this server has no \(value) stack") }
                self.stack = stack
            case "--store": store = value == "none" ? nil : value
            default: throw UsageError("there is no \(flag)")
            }
        }
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
