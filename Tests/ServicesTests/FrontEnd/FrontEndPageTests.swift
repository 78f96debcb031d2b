import MartletCore
import Testing

@testable import FrontEndService

@Suite("The front end's page")
struct FrontEndPageTests {
    private func text(_ page: Page) -> String { String(decoding: page.html, as: UTF8.self) }

    @Test("carries the broker's address and the services that are there")
    func values() throws {
        let page = try text(Page(broker: "http://localhost:8080", services: ["auth", "log"], panels: ["log"]))
        #expect(page.contains(#"<meta name="broker" content="http://localhost:8080">"#))
        #expect(page.contains(#"<meta name="services" content="auth log">"#))
        #expect(page.contains(#"<meta name="panels" content="log">"#))
        #expect(!page.contains("{{"))
    }

    @Test("escapes what is put into it, and does not read it again")
    func escaping() throws {
        let page = try text(Page(broker: "http://b/\"><script>&'{{services}}", services: ["auth"], panels: []))
        #expect(page.contains(#"content="http://b/&quot;&gt;&lt;script&gt;&amp;&#39;{{services}}">"#))
    }

    @Test("has the buttons and the three panes under the originals' names")
    func names() throws {
        let page = try text(Page(broker: "http://localhost:8080", services: [], panels: []))
        for id in [
            "brokerBtn", "authBrokerBtn", "logBtn", "mailBtn", "logGBtn", "logoutBtn", "output", "payload", "received",
        ] {
            #expect(page.contains("id=\"\(id)\""))
        }
        #expect(page.contains("<h1>Test microservices</h1>"))
    }

    @Test("holds no script, no style and no address of its own, which its policy would refuse")
    func nothingInline() throws {
        let page = try text(Page(broker: "http://localhost:8080", services: [], panels: []))
        #expect(!page.contains("<style") && !page.contains("style=") && !page.contains("onclick"))
        #expect(page.ranges(of: "<script").count == page.ranges(of: "<script type=\"module\" src=\"/app.js\">").count)
        #expect(page.ranges(of: "://").count == 1, "only the broker's")
    }

    @Test("may ask its own server and the broker, and nobody else")
    func policy() throws {
        let page = try Page(broker: "https://broker.example:8443/api", services: [], panels: [])
        #expect(
            page.contentSecurityPolicy
                == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                + "connect-src 'self' https://broker.example:8443; frame-src 'self'; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'")
    }

    @Test(
        "may ask the broker under both names of this machine, if it is here",
        arguments: [
            ("http://localhost:8080/x", "http://localhost:8080 http://127.0.0.1:8080;"),
            ("http://127.0.0.1:9080", "http://localhost:9080 http://127.0.0.1:9080;"),
            ("https://localhost", "https://localhost https://127.0.0.1;"),
            ("http://localhost.example:1", "http://localhost.example:1;"), ("http://127.0.0.12", "http://127.0.0.12;"),
        ])
    func loopback(broker: String, allowed: String) throws {
        let policy = try Page(broker: broker, services: [], panels: []).contentSecurityPolicy
        #expect(policy.contains("connect-src 'self' " + allowed))
    }

    @Test(
        "an address that is no web address, or that would open the policy, is refused",
        arguments: [
            "", "localhost:8080", "ftp://localhost", "http://", "http:///path", "http://a b", "http://a;script-src *",
            "http://user:password@host", "javascript:alert(1)", "http://a'b", "http://a\r\nb",
        ])
    func refused(address: String) {
        #expect(throws: ServiceError.self) { try Page(broker: address, services: [], panels: []) }
    }
}
