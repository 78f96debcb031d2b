import Glibc
import MartletHTTP
import TestSupport
import Testing

/// Somebody else's client against our server.
@Suite(
    "curl against the server", .serialized, .timeLimit(.minutes(1)),
    .enabled(if: access("/usr/bin/curl", X_OK) == 0))
struct CurlTests {
    static func curl(_ arguments: [String], input: String = "") throws -> String {
        let options = ["--silent", "--show-error", "--max-time", "20", "--noproxy", "*"]
        let run = try ChildProcess.run("/usr/bin/curl", options + arguments, input: input)
        #expect(run.ending == .exited(0), "\(run.errors)")
        return run.output
    }

    @Test(
        "requests of every shape",
        arguments: [
            (["URL/hello", "URL/hello"], "hello world\nhello world\n"),
            (["--http1.0", "URL/hello"], "hello world\n"),
            (["--data-binary", "some data", "URL/echo"], "some data"),
            (["--data-binary", "some data", "-H", "Expect: 100-continue", "URL/echo"], "some data"),
            (["--data-binary", "some data", "-H", "Transfer-Encoding: chunked", "URL/echo"], "some data"),
            (["URL/stream"], "onethree"),
            (["--request", "DELETE", "--write-out", "%{http_code}", "URL/hello"], "405"),
            (["--head", "--output", "/dev/null", "--write-out", "%{http_code} %{header_json}", "URL/stream"], "200"),
            (["--output", "/dev/null", "--write-out", "%{http_code}", "URL/nowhere"], "404"),
            (["--request-target", "http://localhost/n/5", "URL/"], "5"),
        ])
    func requests(arguments: [String], expected: String) async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let base = "http://\(try #require(server.address))"
            let answer = try Self.curl(arguments.map { $0.replacing("URL", with: base) })
            #expect(answer.hasPrefix(expected), "\(answer)")
        }
    }

    @Test("a large upload from standard input")
    func upload() async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let text = String(repeating: "0123456789abcdef", count: 60_000)
            let base = "http://\(try #require(server.address))"
            let answer = try Self.curl(["--upload-file", "-", "--request", "POST", "\(base)/echo"], input: text)
            #expect(answer == text)
        }
    }
}
