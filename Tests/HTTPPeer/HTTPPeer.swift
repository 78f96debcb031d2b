// A server that other people's clients are tested against, where no service of the system does what they are to see. It
// prints its URL, and serves until it is ended. With the files of a certificate and its key, it speaks https.

internal import Glibc
internal import MartletHTTP
internal import MartletRuntime
internal import MartletTLS

@main enum HTTPPeer {
    static func main() async throws {
        var router = Router()
        router.get("/trailers/announced") { _ in
            HTTPResponse(.ok, headers: ["Trailer": "X-Sum, X-Late"], body: withTrailers(["one, ", "two"]))
        }
        router.get("/trailers/unannounced") { _ in HTTPResponse(.ok, body: withTrailers(["one, ", "two"])) }
        router.get("/trailers/large") { _ in
            HTTPResponse(
                .ok, body: withTrailers([String](repeating: String(repeating: "x", count: 10_000), count: 200)))
        }
        router.get("/trailers/alone") { _ in HTTPResponse(.ok, body: withTrailers([])) }
        router.get("/plain") { _ in .text("plain") }
        let files = CommandLine.arguments.dropFirst()
        var tls: HTTPServer.TLS?
        if let chain = files.first, let key = files.last {
            let identity = TLSIdentity.files(chain: chain, key: key)
            tls = HTTPServer.TLS(try TLSServerContext(TLSServerConfiguration(identities: [identity])))
        }
        let server = HTTPServer(address: .loopback(port: 0), handler: try router.handler(), tls: tls)
        try server.start()
        print("\(tls == nil ? "http" : "https")://\(server.address.map { "\($0)" } ?? "")")
        fflush(nil)
        try await server.run()
    }

    /// The pieces, and after them how many bytes they were.
    private static func withTrailers(_ pieces: [String]) -> HTTPBody {
        .stream { writer in
            for piece in pieces { try await writer.write(piece) }
            let count = pieces.reduce(0) { $0 + $1.utf8.count }
            writer.setTrailers(["X-Sum": "\(count)", "X-Late": String(repeating: "l", count: 1000)])
        }
    }
}
