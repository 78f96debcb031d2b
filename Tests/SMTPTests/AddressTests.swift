import MartletSMTP
import Testing

@Suite("A mail address")
struct AddressTests {
    @Test(
        "is what RFC 5321 says, quoted local parts and address literals included",
        arguments: [
            "a@b", "me@example.com", "first.last+tag@sub.example.co", "\"odd name\"@example.com",
            #""quo\"ted\\"@example.com"#, "\"a@b\"@example.com", "user@[127.0.0.1]", "user@[IPv6:2001:db8::1]",
            "!#$%&'*+-/=?^_`{|}~@x",
        ])
    func accepted(text: String) throws {
        #expect(try "\(MailAddress(text))" == text)
    }

    @Test(
        "that is none is refused, with the reason",
        arguments: [
            ("", "no address"), ("not an address", "no angle-addr"), ("nobody", "missing '@' or angle-addr"),
            ("@example.com", "nothing before the @"), ("a@", "no domain after the @"), ("a..b@c", "a dot that"),
            (".a@c", "a dot that"), ("a.@c", "a dot that"), ("a@-b", "a malformed domain"),
            ("a@b..c", "a malformed domain"),
            ("a@b c", "a malformed domain"), ("a@b>,<c@d", "a malformed domain"), ("\"open@b", "a quoted string"),
            ("a\r\n@b", "a control character"), ("a@b\u{0}", "a control character"),
            ("ä@b", "characters outside ASCII"),
            ("a@[1]2]", "a malformed address literal"), ("a@[x\\]", "a malformed address literal"),
            (String(repeating: "a", count: 65) + "@b", "more than 64 bytes"),
            ("a@" + String(repeating: "b", count: 64), "a malformed domain"),
            ("a@" + String(repeating: "b.", count: 130) + "c", "longer than 254"),
        ])
    func refused(text: String, reason: String) {
        #expect {
            try MailAddress(text)
        } throws: {
            "\($0)".hasPrefix(reason)
        }
    }

    @Test(
        "may stand in brackets behind a name",
        arguments: [
            ("a@b", nil, "a@b"), ("<a@b>", nil, "a@b"), ("Ada Lovelace <a@b>", "Ada Lovelace", "a@b"),
            (#""Lovelace, \"Ada\"" <a@b>"#, #"Lovelace, "Ada""#, "a@b"), ("  Grüße  <a@b> ", "Grüße", "a@b"),
            ("\"x\"@y", nil, "\"x\"@y"),
        ] as [(String, String?, String)])
    func named(text: String, name: String?, address: String) throws {
        let read = try NamedMailAddress(text)
        #expect(read.name == name)
        #expect("\(read.address)" == address)
    }

    @Test(
        "of several, or with what could end a field, is refused",
        arguments: [
            "a@b, c@d", "<a@b>, <c@d>", "A <a@b> <c@d>", "x\r\nBcc: z@y <a@b>", "\"x\ny\" <a@b>", "x\u{0} <a@b>",
            "x, y <a@b>",
            "group: a@b;", "<>", "name <>", "(comment) <a@b>", "\"a\" b <a@b>",
        ])
    func notOne(text: String) {
        #expect(throws: MailAddressError.self) { try NamedMailAddress(text) }
    }
}
