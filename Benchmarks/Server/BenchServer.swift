// The server that Benchmarks/run measures. It does what the Go peer does (Benchmarks/peers/http), with Martlet's server,
// router and JSON: GET /hello, and POST /log with JSON both ways. It is no example of a service: Sources/Services are.

import Glibc
import MartletCore
import MartletHTTP
import MartletWire

@main
struct BenchServer {
    static func main() async {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            let server = try HTTPServer(host: options.host, port: options.port, routes: declareRoutes)
            try await server.run()
        } catch {
            var line = "martlet-bench-server: \(error)\n"
            line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
            exit(error is UsageError ? 2 : 1)
        }
    }

    static func declareRoutes(in router: inout Router) {
        router.get("/hello") { _ in .text("hello world\n") }
        router.post("/log") { request in
            do {
                _ = try JSON.decode(LogEntry.self, from: try await request.body.collect(upTo: Router.defaultBodyLimit))
            } catch {
                return .text("\(error)\n", .badRequest)
            }
            let reply = Reply(error: false, message: "logged!")
            return HTTPResponse(.accepted, headers: .json, body: .bytes(JSON.encode(reply)))
        }
    }
}
