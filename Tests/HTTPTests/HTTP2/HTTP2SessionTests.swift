import MartletCore
import MartletRuntime
import Testing

@testable import MartletHTTP

/// Two ends of a connection in memory: no socket, no loop, no time but the test's own.
private final class Pair {
    let client: HTTP2Session
    let server: HTTP2Session
    var requests: [HTTP2Stream] = []
    var now = MonotonicTime(nanoseconds: 1_000_000_000)

    init(server limits: HTTP2Limits = HTTP2Limits(), client clientLimits: HTTP2Limits = HTTP2Limits()) throws {
        client = try #require(
            HTTP2Session(.client, limits: clientLimits, head: HTTPHeadLimits(), peer: nil, on: nil, now: now))
        server = try #require(
            HTTP2Session(.server, limits: limits, head: HTTPHeadLimits(), peer: "peer", on: nil, now: now))
        server.onRequest = { [unowned self] in requests.append($0) }
    }

    /// Carries bytes to and fro until neither end has any.
    @discardableResult
    func exchange() -> Int {
        var total = 0
        while true {
            let moved = move(client, server) + move(server, client)
            if moved == 0 { return total }
            total += moved
        }
    }

    @discardableResult
    func move(_ from: HTTP2Session, _ to: HTTP2Session) -> Int {
        var bytes = ByteBuffer()
        while from.write(into: &bytes, limit: 1 << 20, at: now) {}
        from.deliver()
        let count = bytes.count
        to.receive(bytes.readableBytes, at: now)
        to.deliver()
        return count
    }

    func begin(_ target: StaticString = "/", isLast: Bool = false) throws -> HTTP2Stream {
        let stream = client.request(
            .post, UnsafeRawBufferPointer(start: target.utf8Start, count: target.utf8CodeUnitCount), HTTPHeaders(),
            authority: "localhost", scheme: "http", isLast: isLast, contentLength: nil)
        return try #require(stream)
    }
}

@Suite("A session of HTTP/2")
struct HTTP2SessionTests {
    @Test("a request and its answer cross, with bodies and trailers, and both streams end")
    func exchange() throws {
        let pair = try Pair()
        let call = try pair.begin("/path?query=1")
        call.send(Array("ping".utf8))
        call.finish(trailers: ["X-One": "1"])
        pair.exchange()
        let request = try #require(pair.requests.first)
        #expect(request.withTarget { String(bytes: $0) } == "/path?query=1")
        #expect(request.headers["host"] == "localhost")
        #expect(request.peer == "peer")
        #expect(request.inputHasEnded)
        #expect(request.trailers["x-one"] == "1")
        #expect(request.takeInput() == Array("ping".utf8))
        request.sendHead(.created, ["X-Two": "2"])
        request.send(Array("pong".utf8))
        request.finish(trailers: ["x-three": "3"])
        pair.exchange()
        #expect(call.status == .created)
        #expect(call.headers["x-two"] == "2")
        #expect(call.takeInput() == Array("pong".utf8))
        #expect(call.trailers["x-three"] == "3")
        #expect(call.closeCode == .noError)
        #expect(request.closeCode == .noError)
        #expect(pair.client.streams.isEmpty)
        #expect(pair.server.streams.isEmpty)
    }

    @Test("what is written in one turn is one frame")
    func coalescing() throws {
        let pair = try Pair()
        pair.exchange()
        let call = try pair.begin()
        pair.exchange()
        for _ in 0..<100 { call.send([1, 2, 3, 4, 5]) }
        #expect(pair.exchange() == 9 + 500)
    }

    @Test("a sender stops at the window, and goes on as its reader consumes", arguments: [true, false])
    func windows(byStream: Bool) throws {
        var limits = HTTP2Limits()
        limits.streamWindow = byStream ? 70_000 : 1 << 20
        limits.connectionWindow = byStream ? 1 << 20 : 70_000
        let pair = try Pair(server: limits)
        pair.exchange()
        let call = try pair.begin()
        call.send([UInt8](repeating: 1, count: 200_000))
        call.finish()
        pair.exchange()
        let request = try #require(pair.requests.first)
        #expect(request.inputCount == 70_000)
        #expect(call.queuedBytes == 130_000)
        #expect(pair.client.queued == 130_000)
        var received = 0
        while !request.inputHasEnded || request.inputCount > 0 {
            received += request.takeInput().count
            pair.exchange()
        }
        #expect(received == 200_000)
        #expect(pair.client.queued == 0)
    }

    @Test("a stream that ends with bytes that nobody reads gives the connection's window back")
    func unreadBytes() throws {
        var limits = HTTP2Limits()
        limits.connectionWindow = 70_000
        let pair = try Pair(server: limits)
        pair.exchange()
        for _ in 0..<10 {
            let call = try pair.begin()
            call.send([UInt8](repeating: 1, count: 60_000))
            pair.exchange()
            let request = try #require(pair.requests.last)
            #expect(request.inputCount == 60_000)
            call.reset(.cancel)
            pair.exchange()
            #expect(request.closeCode == .cancel)
        }
    }

    @Test("a reset reaches the other side, and nothing that is called afterwards does harm")
    func resets() throws {
        let pair = try Pair()
        let call = try pair.begin()
        pair.exchange()
        let request = try #require(pair.requests.first)
        request.reset(.enhanceYourCalm)
        pair.exchange()
        #expect(call.closeCode == .enhanceYourCalm)
        request.sendHead(.ok, HTTPHeaders())
        request.send([1])
        request.finish()
        request.reset(.cancel)
        request.consume(10)
        #expect(request.takeInput().isEmpty)
        #expect(pair.exchange() == 0)
    }

    @Test("requests that a server never saw say so, when it goes away")
    func goAway() throws {
        let pair = try Pair()
        let first = try pair.begin(isLast: true)
        pair.exchange()
        pair.server.goAway()
        let late = try pair.begin(isLast: true)
        pair.move(pair.server, pair.client)
        pair.exchange()
        #expect(late.isUnsent)
        #expect(late.isOver)
        #expect(first.closeCode == nil)
        let request = try #require(pair.requests.first)
        request.sendHead(.ok, HTTPHeaders(), isLast: true)
        pair.exchange()
        #expect(first.status == .ok)
        #expect(pair.server.isOver)
    }

    @Test("whoever waits for a window too long is reset")
    func stall() throws {
        var limits = HTTP2Limits()
        limits.streamWindow = 1000
        let pair = try Pair(client: limits)
        let call = try pair.begin(isLast: true)
        pair.exchange()
        let request = try #require(pair.requests.first)
        request.sendHead(.ok, HTTPHeaders())
        request.send([UInt8](repeating: 1, count: 2000))
        pair.exchange()
        let next = pair.server.checkDeadlines(at: pair.now, stall: .seconds(10))
        #expect(next == pair.now + .seconds(10))
        pair.now = next
        _ = pair.server.checkDeadlines(at: pair.now, stall: .seconds(10))
        pair.exchange()
        #expect(call.closeCode == .cancel)
    }

    @Test("a budget is used up by a burst, and fills with time and with good conduct")
    func budget() {
        let start = MonotonicTime(nanoseconds: 5_000_000_000)
        var budget = FrameBudget(HTTP2Limits.Budget(burst: 3, perSecond: 2), now: start)
        /// How many of `count` attempts go through.
        func spend(_ count: Int, at time: MonotonicTime) -> Int {
            (0..<count).count { _ in budget.spend(at: time) }
        }
        #expect(spend(5, at: start) == 3)
        budget.earn(1)
        #expect(spend(5, at: start + .milliseconds(400)) == 1)
        #expect(spend(5, at: start + .seconds(1)) == 2)
        // Never more than a burst at once.
        #expect(spend(5, at: start + .seconds(3600)) == 3)
    }

    @Test("a queue keeps the order of what is written, in whatever pieces it is taken")
    func outputQueue() {
        var queue = HTTP2OutputQueue()
        var output = ByteBuffer()
        var next: UInt8 = 0
        var written: [UInt8] = []
        for step in 1...40 {
            let bytes = (0..<step).map { _ -> UInt8 in
                next &+= 1
                return next
            }
            queue.append(bytes)
            written += bytes
            queue.move(min(queue.count, step * 7 % 13), to: &output)
        }
        queue.move(queue.count, to: &output)
        #expect(queue.isEmpty)
        #expect(Array(output.readableBytes) == written)
    }
}
