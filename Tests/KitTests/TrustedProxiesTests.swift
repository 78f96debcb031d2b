import MartletKit
import Testing

@Suite("Who asks, behind proxies")
struct TrustedProxiesTests {
    private func client(_ peer: String?, _ forwarded: [String], trusting proxies: String) throws -> String? {
        try #require(TrustedProxies(proxies)).client(peer: peer, forwardedFor: forwarded)?.description
    }

    @Test("a stranger's X-Forwarded-For is not believed")
    func stranger() throws {
        #expect(try client("192.0.2.7:4711", ["10.9.9.9"], trusting: "127.0.0.0/8,::1") == "192.0.2.7")
    }

    @Test("a trusted proxy's is, and the port does not matter")
    func trusted() throws {
        #expect(try client("127.0.0.1:4711", ["192.0.2.7"], trusting: "127.0.0.0/8") == "192.0.2.7")
        #expect(try client("[::1]:4711", ["192.0.2.7:80"], trusting: "::1") == "192.0.2.7")
        #expect(try client("127.0.0.1:4711", [], trusting: "127.0.0.0/8") == "127.0.0.1")
    }

    @Test("the list is read from its end, up to the first whom nobody vouches for")
    func chain() throws {
        #expect(
            try client("127.0.0.1:1", ["6.6.6.6, 192.0.2.7, 10.1.2.3"], trusting: "127.0.0.1,10.0.0.0/8")
                == "192.0.2.7")
        #expect(
            try client("127.0.0.1:1", ["6.6.6.6", "192.0.2.7 ,\t10.1.2.3"], trusting: "127.0.0.1,10.0.0.0/8")
                == "192.0.2.7")
        #expect(try client("127.0.0.1:1", ["10.1.1.1,10.2.2.2"], trusting: "127.0.0.1,10.0.0.0/8") == "10.1.1.1")
    }

    @Test(
        "what is no address ends the list",
        arguments: ["unknown", "", ",", "300.1.1.1", "1.2.3.4.5", "_hidden", "\u{FFFD}"])
    func nonsense(value: String) throws {
        #expect(try client("127.0.0.1:1", [value], trusting: "127.0.0.1") == "127.0.0.1")
    }

    @Test("a thousand hops are not read")
    func longList() throws {
        let hops = [String](repeating: "127.0.0.1", count: 1000).joined(separator: ",")
        #expect(try client("127.0.0.1:1", ["192.0.2.7,\(hops)"], trusting: "127.0.0.1") == "127.0.0.1")
    }

    @Test("a peer without an address is nobody, whatever it says")
    func noPeer() throws {
        #expect(try client(nil, ["192.0.2.7"], trusting: "127.0.0.0/8") == nil)
        #expect(try client("/run/auth.sock", ["192.0.2.7"], trusting: "127.0.0.0/8") == nil)
    }

    @Test("an IPv6 address is told whole, a mapped IPv4 address is itself")
    func text() throws {
        #expect(try client("[2001:db8::7]:1", [], trusting: "::1") == "2001:db8::7")
        #expect(try client("[::ffff:192.0.2.1]:1", [], trusting: "::1") == "192.0.2.1")
    }

    @Test(
        "networks hold what is in them",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "::1", false), ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false), ("::/0", "2001::1", true),
            ("2001:db8::/96", "2001:db8::1:2", true), ("2001:db8::/96", "2001:db8:0:0:0:1::", false),
            ("::1", "::1", true), ("::1", "::2", false),
        ])
    func contains(network: String, address: String, expected: Bool) throws {
        let proxies = try #require(TrustedProxies(network))
        #expect(proxies.contains(try #require(IPAddress(address))) == expected)
    }

    @Test(
        "what is no network is refused",
        arguments: [
            "", "10.0.0.0/33", "::1/129", "10.0.0.0/-1", "10.0.0.0/", "broker", "10.0.0.1,,10.0.0.2", "10.0.0.0/8/8",
        ])
    func refused(text: String) {
        #expect(TrustedProxies(text) == nil)
    }
}
