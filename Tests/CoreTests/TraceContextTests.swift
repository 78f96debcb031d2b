import MartletCore
import Testing

@Suite("W3C trace context")
struct TraceContextTests {
    static let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("a valid header is read and written back as it was")
    func roundTrip() throws {
        let context = try #require(TraceContext(traceparent: Self.valid, tracestate: "vendor=1"))
        #expect(context.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanID.description == "00f067aa0ba902b7")
        #expect(context.isSampled)
        #expect(context.state == "vendor=1")
        #expect(context.traceparent == Self.valid)
        var bytes: [UInt8] = []
        context.appendTraceparent(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == Self.valid)
    }

    @Test("a later version is read by the part it shares")
    func laterVersion() {
        let longer = "cc" + Self.valid.dropFirst(2) + "-what-comes-later"
        #expect(TraceContext(traceparent: longer)?.spanID.description == "00f067aa0ba902b7")
        #expect(TraceContext(traceparent: "cc" + Self.valid.dropFirst(2)) != nil)
        #expect(TraceContext(traceparent: "cc" + Self.valid.dropFirst(2) + ".later") == nil)
    }

    @Test(
        "an invalid header is no trace",
        arguments: [
            "", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        ])
    func invalid(header: String) {
        #expect(TraceContext(traceparent: header) == nil)
    }

    @Test("the flags that are known are kept, others are dropped")
    func flags() throws {
        let header = Self.valid.dropLast(2)
        #expect(TraceContext(traceparent: header + "ff")?.traceparent == header + "03")
        #expect(TraceContext(traceparent: header + "00")?.isSampled == false)
        #expect(TraceContext(traceparent: header + "02")?.isRandom == true)
    }

    @Test("a tracestate that is too long, or could end a header, is dropped")
    func state() {
        let long = String(repeating: "a", count: TraceContext.stateLimit)
        #expect(TraceContext(traceparent: Self.valid, tracestate: long)?.state == long)
        #expect(TraceContext(traceparent: Self.valid, tracestate: long + "a")?.state == nil)
        #expect(TraceContext(traceparent: Self.valid, tracestate: "a=1\r\nX: y")?.state == nil)
    }

    @Test("bytes that are not contiguous are read like others")
    func anyCollection() {
        #expect(TraceContext(traceparent: Self.valid.utf8.lazy.map { $0 })?.traceparent == Self.valid)
    }
}

@Suite("grpc-timeout")
struct CallTimeoutTests {
    @Test(
        "each unit is read",
        arguments: [
            ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)), ("4m", .milliseconds(4)),
            ("5u", .microseconds(5)), ("6n", .nanoseconds(6)), ("99999999S", .seconds(99_999_999)), ("0n", .zero),
        ])
    func units(text: String, duration: Duration) {
        #expect(CallTimeout.parse(text) == duration)
    }

    @Test(
        "anything else is refused", arguments: ["", "1", "S", "-1S", "123456789S", "1s", "1SS", "1 S", "+1S", "1.5S"])
    func refused(text: String) {
        #expect(CallTimeout.parse(text) == nil)
    }

    @Test("the finest unit that fits is written, rounded up")
    func format() {
        #expect(CallTimeout.format(.nanoseconds(99_999_999)) == "99999999n")
        #expect(CallTimeout.format(.nanoseconds(100_000_001)) == "100001u")
        #expect(CallTimeout.format(.seconds(3)) == "3000000u")
        #expect(CallTimeout.format(.seconds(1_000_000)) == "1000000S")
        #expect(CallTimeout.format(.seconds(-1)) == "0n")
        #expect(CallTimeout.parse(CallTimeout.format(.nanoseconds(Int64.max))) != nil)
    }
}
