import Glibc
import MartletHTTP
import MartletRuntime
import TestSupport
import Testing

/// Other people's clients against our server, and their servers against our client.
@Suite("Other people's HTTP/2", .serialized, .timeLimit(.minutes(1)))
struct HTTP2PeerTests {
    /// One request a run: curl 7.88 ends with an error (16) when it uses a connection for a second one without having
    /// asked for an upgrade, on nghttpd as well.
    @Test(
        "curl, with requests of every shape", .enabled(if: access("/usr/bin/curl", X_OK) == 0),
        arguments: [
            (["URL/hello"], "hello world\n"),
            (["--data-binary", "some data", "URL/echo"], "some data"),
            (["URL/stream"], "onethree"),
            (["--request", "DELETE", "--output", "/dev/null", "--write-out", "%{http_code}", "URL/hello"], "405"),
            (
                ["--head", "--output", "/dev/null", "--write-out", "%{http_code} %{http_version}", "URL/stream"],
                "200 2"
            ),
            (["--output", "/dev/null", "--write-out", "%{http_code}", "URL/nowhere"], "404"),
        ])
    func curl(arguments: [String], expected: String) async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let base = "http://\(try #require(server.address))"
            let answer = try CurlTests.curl(
                ["--http2-prior-knowledge"] + arguments.map { $0.replacing("URL", with: base) })
            #expect(answer == expected)
        }
    }

    @Test("curl, with a large upload from standard input", .enabled(if: access("/usr/bin/curl", X_OK) == 0))
    func upload() async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let text = String(repeating: "0123456789abcdef", count: 60_000)
            let base = "http://\(try #require(server.address))"
            let answer = try CurlTests.curl(
                ["--http2-prior-knowledge", "--upload-file", "-", "--request", "POST", "\(base)/echo"], input: text)
            #expect(answer == text)
        }
    }

    @Test("h2load, with many streams on a few connections", .enabled(if: access("/usr/bin/h2load", X_OK) == 0))
    func h2load() async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let base = "http://\(try #require(server.address))"
            let run = try ChildProcess.run("/usr/bin/h2load", ["-n", "5000", "-c", "4", "-m", "32", "\(base)/hello"])
            #expect(run.ending == .exited(0))
            #expect(run.output.contains("5000 succeeded, 0 failed, 0 errored"), "\(run.output)")
            #expect(run.output.contains("5000 2xx"))
        }
    }

    @Test("nghttp, with trailers, a body and a page of requests", .enabled(if: access("/usr/bin/nghttp", X_OK) == 0))
    func nghttp() async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let base = "http://\(try #require(server.address))"
            let trailers = try ChildProcess.run("/usr/bin/nghttp", ["-v", "\(base)/stream"])
            #expect(trailers.output.contains("x-sum: 8"))
            let run = try ChildProcess.run(
                "/usr/bin/nghttp", ["-n", "-s", "-m", "20", "\(base)/hello", "\(base)/n/1", "\(base)/nowhere"])
            #expect(run.ending == .exited(0))
            #expect(run.output.contains("404"))
            let echo = try ChildProcess.run(
                "/usr/bin/nghttp", ["-d", "-", "--trailer", "x-sum: 3", "-v", "\(base)/echo"],
                input: "abc")
            #expect(echo.output.contains("x-got: 3"), "\(echo.output)")
        }
    }

    @Test("our client on nginx", .enabled(if: Nginx.isInstalled))
    func nginx() async throws {
        let nginx = try Nginx("", http2: true)
        defer { nginx.stop() }
        let base = try nginx.base.speaking(.http2)
        try await withClient { client in
            // One connection for all of them; nginx counts its requests.
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await client.text(.get, "/count", from: base) } }
                var answers: [String] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            #expect(Set(answers.compactMap { $0.split(separator: " ").first }).count == 1)
            #expect(Set(answers).count == 20)
            #expect(try await client.text(.get, "/files/small", from: base).utf8.count == 256)
            #expect(try await client.text(.get, "/files/ssi", from: base).hasSuffix("chunk "))
            let large = [UInt8](repeating: 7, count: 3 << 20)
            let put = try await client.send(HTTPRequest(.put, "/files/put", body: .bytes(large)), to: base)
            #expect(put.status == .created)
            let got = try await client.send(HTTPRequest(.get, "/files/put"), to: base)
            #expect(try await got.body.collect(upTo: 4 << 20) == large)
            #expect(try await client.send(HTTPRequest(.get, "/nothing"), to: base).status == .noContent)
        }
    }
}
