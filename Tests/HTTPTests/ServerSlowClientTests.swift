import Glibc
import Testing

@testable import MartletHTTP

@Suite("The server under slow clients", .serialized, .timeLimit(.minutes(1)))
struct ServerSlowClientTests {
    @Test("a head that does not get finished in time is 408, however it drips")
    func slowloris() async throws {
        var limits = HTTPServer.Limits()
        limits.headTime = .milliseconds(150)
        limits.linger = .milliseconds(200)
        try await withServer(limits: limits, routes: ServerTests.routes) { server in
            let client = try RawClient(server)
            try client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n")
            // Drips until the server has had enough of it.
            for _ in 0..<200 {
                guard (try? client.send("X: y\r\n")) != nil else { break }
                usleep(5000)
            }
            #expect(try client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        }
    }

    @Test(
        "a body that stops is 408; a connection that says nothing is closed",
        arguments: [
            ("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 408 "), ("", ""),
            ("GET", "HTTP/1.1 408 "),
        ])
    func silence(sent: String, expected: String) async throws {
        var limits = HTTPServer.Limits()
        limits.bodyPause = .milliseconds(50)
        limits.firstByte = .milliseconds(50)
        limits.headTime = .milliseconds(50)
        limits.linger = .milliseconds(50)
        try await withServer(limits: limits, routes: ServerTests.routes) { server in
            let client = try RawClient(server)
            try client.send(sent)
            let answer = try client.readAll()
            #expect(expected.isEmpty ? answer.isEmpty : answer.hasPrefix(expected))
        }
    }

    @Test("an idle connection is closed")
    func idle() async throws {
        var limits = HTTPServer.Limits()
        limits.idle = .milliseconds(50)
        try await withServer(limits: limits, routes: ServerTests.routes) { server in
            let client = try RawClient(server)
            try client.send("GET /n/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.readResponse().body == "1")
            #expect(try client.readAll() == "")
        }
    }

    @Test("a handler that waits for a body that stops learns of it at once, and its own answer is sent")
    func stalledBody() async throws {
        var limits = HTTPServer.Limits()
        limits.bodyPause = .milliseconds(20)
        // The test would not end in time if anything waited for this.
        limits.linger = .seconds(600)
        try await withServer(limits: limits) { router in
            router.post("/forgives") { request in
                do {
                    return .text("\(try await request.body.collect(upTo: 100).count)")
                } catch let error as HTTPError {
                    return .text("\(error.status.code)")
                }
            }
        } _: { server in
            let client = try RawClient(server)
            try client.send("POST /forgives HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
            let answer = try client.readResponse()
            #expect(answer.body == "408")
            #expect(answer.head.contains("Connection: close\r\n"))
        }
    }

    @Test("a slow client gets a large answer for as long as it takes some of it")
    func slowReader() async throws {
        var limits = HTTPServer.Limits()
        limits.writeStall = .milliseconds(1500)
        let total = 24 << 20
        try await withServer(limits: limits) { router in
            router.get("/large") { _ in HTTPResponse(.ok, body: .bytes([UInt8](repeating: 7, count: total))) }
        } _: { server in
            let client = try RawClient(server, receiveBuffer: 64 << 10)
            try client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = try client.read(until: "\r\n\r\n")
            var received = 0
            // Longer in all than a stall may be.
            while received < total {
                let bytes = try client.read(1 << 20)
                guard !bytes.isEmpty else { break }
                received += bytes.count
                usleep(90_000)
            }
            #expect(received == total)
            // The connection is still good.
            try client.send("HEAD /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.readResponse(toHead: true).head.contains("Content-Length: \(total)\r\n"))
        }
    }
}
