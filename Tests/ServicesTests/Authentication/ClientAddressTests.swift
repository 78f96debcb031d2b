import MartletKit
import Testing

@testable import AuthenticationService

@Suite("Whose address a login counts for")
struct ClientAddressTests {
    private func address(_ text: String) throws -> ClientAddress { ClientAddress(try #require(IPAddress(text))) }

    @Test("an IPv6 customer is a /64, a mapped IPv4 address is itself")
    func networks() throws {
        #expect(try address("2001:db8:1:2:aaaa::1") == address("2001:db8:1:2:bbbb::2"))
        #expect(try address("2001:db8:1:2::1") != address("2001:db8:1:3::1"))
        #expect(try address("::ffff:192.0.2.1") == address("192.0.2.1"))
        #expect(try address("fe80::1%eth0") == address("fe80::2"))
    }
}
