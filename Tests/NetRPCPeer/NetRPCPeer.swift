// A server for Go's client, and a client for Go's server, with a method for every kind of value. `serve` prints its
// address and serves until it is ended; `call HOST:PORT [PATH]` calls what the Go program of Tests/System offers, prints
// what is not as it should be, and fails if anything was.

internal import Glibc
internal import MartletCore
internal import MartletNetRPC
internal import MartletRuntime
internal import MartletWire

@main enum NetRPCPeer {
    static func main() async throws {
        let arguments = CommandLine.arguments
        switch arguments.dropFirst().first {
        case "serve": try await serve()
        case "call" where arguments.count > 2: try await call(arguments[2], httpPath: arguments.dropFirst(3).first)
        default: exit(2)
        }
    }

    // MARK: The server

    static func serve() async throws {
        let server = NetRPCServer(address: .loopback(port: 0), methods: methods)
        try server.start()
        print(server.address.map { "\($0)" } ?? "")
        fflush(nil)
        try await server.run()
    }

    static var methods: NetRPCMethods {
        var methods = NetRPCMethods()
        let logInfo = Endpoint("logInfo") { (payload: Payload) in
            if payload.name == "fail" { throw ServiceError(.internal, "boom: " + payload.data) }
            if payload.name == "wait" { try await EventLoop.sleep(for: .seconds(30)) }
        }
        methods.method("RPCServer.LogInfo", logInfo) { payload, _ in "Processed payload via RPC:\(payload.name)" }
        methods.method("Lab.Int", echo(Int.self))
        methods.method("Lab.Uint", echo(UInt.self))
        methods.method("Lab.Float", echo(Double.self))
        methods.method("Lab.Bool", echo(Bool.self))
        methods.method("Lab.Bytes", echo([UInt8].self))
        methods.method("Lab.Text", echo(String.self))
        methods.method("Lab.Strings", echo([String].self))
        methods.method("Lab.Counts", echo([String: Int].self))
        methods.method("Lab.Time", echo(Timestamp.self))
        methods.method("Lab.Everything", echo(Everything.self))
        methods.method("Lab.Tree", echo(Tree.self))
        methods.method("Lab.Array", echo([Int].self))
        methods.method("Lab.Nothing", echo(Nothing.self))
        return methods
    }

    static func echo<Value: FieldValue>(_ type: Value.Type) -> Endpoint<Value, Value> { Endpoint("echo") { $0 } }

    // MARK: The client

    static func call(_ address: String, httpPath: String?) async throws {
        guard let server = HostPort(address) else { exit(2) }
        let client = NetRPCClient(server, httpPath: httpPath)
        var failures = 0
        func check<Value: FieldValue & Equatable>(_ method: String, _ value: Value) async {
            do {
                let reply = try await client.call(method, value, reply: Value.self)
                if reply == value { return }
                print("\(method): \(value) came back as \(reply)")
            } catch {
                print("\(method): \(error)")
            }
            failures += 1
        }
        func refused<Reply: FieldValue>(_ method: String, _ text: String, reply: Reply.Type) async {
            do {
                _ = try await client.call(method, Payload(name: "fail", data: "no mongo"), reply: Reply.self)
                print("\(method): no error")
            } catch let error as ServiceError where error.message == text {
                return
            } catch {
                print("\(method): \(error)")
            }
            failures += 1
        }
        for value in [0, 1, -1, 63, 64, -64, -65, 127, 128, Int.max, Int.min] { await check("Lab.Int", value) }
        for value in [0, 127, 128, UInt.max] { await check("Lab.Uint", value) }
        for value in [0, 0.1, -1e300, .infinity] { await check("Lab.Float", value) }
        await check("Lab.Bool", true)
        await check("Lab.Bool", false)
        await check("Lab.Bytes", [UInt8](0...255))
        await check("Lab.Text", "")
        await check("Lab.Text", String(repeating: "h\u{e9}llo", count: 10_000))
        await check("Lab.Strings", ["a", "", "ccc"])
        await check("Lab.Counts", ["one": 1, "none": 0])
        await check("Lab.Time", Timestamp(seconds: 1_647_219_723, nanoseconds: 456_789))
        await check("Lab.Everything", Everything.full)
        await check("Lab.Everything", Everything())
        await check("Lab.Tree", Tree(name: "root", children: [Tree(name: "a"), Tree(name: "b", children: [Tree()])]))
        await check("Lab.Nothing", Nothing())
        await refused("RPCServer.LogInfo", "boom: no mongo", reply: String.self)
        await refused("RPCServer.Nope", "rpc: can't find method RPCServer.Nope", reply: String.self)
        await refused("Nope.LogInfo", "rpc: can't find service Nope.LogInfo", reply: String.self)

        // Many at a time, with a context in the longer header for every other.
        let wrong = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let context =
                        number % 2 == 0
                        ? nil
                        : CallContext(trace: .root(), deadline: .now + .seconds(20), idempotencyKey: "key \(number)")
                    let reply = await CallContext.$current.withValue(context) {
                        try? await client.call(
                            "RPCServer.LogInfo", Payload(name: "\(number)", data: "d"), reply: String.self)
                    }
                    return reply != "Processed payload via RPC:\(number)"
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        if wrong > 0 { print("\(wrong) of 500 calls at a time went wrong") }
        failures += wrong
        client.close()
        exit(failures == 0 ? 0 : 1)
    }
}
