import MartletRuntime

/// What Benchmarks/run asks for: `--address HOST:PORT --stack bare|default --store none|PATH --net-rpc HOST:PORT`.
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
    /// Where `RPCServer.LogInfo` is answered as well.
    var netRPC: SocketAddress?

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        var rest = arguments.makeIterator()
        while let flag = rest.next() {
            guard let value = rest.next() else { throw UsageError("\(flag) needs a value") }
            switch flag {
            case "--address": (host, port) = try Self.address(value, of: flag)
            case "--net-rpc":
                let (host, port) = try Self.address(value, of: flag)
                guard let address = try? SocketAddress(host: host, port: port) else {
                    throw UsageError("\(flag) must have an address in figures")
                }
                netRPC = address
            case "--stack":
                guard let stack = Stack(rawValue: value) else { throw UsageError("this server has no \(value) stack") }
                self.stack = stack
            case "--store": store = value == "none" ? nil : value
            default: throw UsageError("there is no \(flag)")
            }
        }
    }

    private static func address(_ value: String, of flag: String) throws(UsageError) -> (host: String, port: UInt16) {
        guard let colon = value.lastIndex(of: ":"), let port = UInt16(value[value.index(after: colon)...]) else {
            throw UsageError("\(flag) must be HOST:PORT")
        }
        return (String(value[..<colon]), port)
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
