import MartletCore
import MartletKit
import Testing

@Suite("Settings of TLS")
struct TLSSettingsTests {
    @Test(
        "what does not go together is refused, with the reason",
        arguments: [
            (["TLS_CERT_FILE": "a.crt"], "they go in pairs"),
            (["TLS_CERT_FILE": "a.crt,b.crt", "TLS_KEY_FILE": "a.key"], "they go in pairs"),
            (["TLS_CERT_FILE": "a.crt,", "TLS_KEY_FILE": "a.key"], "paths of files, separated by commas"),
            (["TLS_CLIENT_CA_FILE": "ca.crt"], "nobody would be asked for a certificate"),
            (["TLS_ALLOW_CLEARTEXT": "on"], "everything is cleartext"),
            (["TLS_CLIENT_CERT_FILE": "a.crt"], "one of them is missing"),
            (["TLS_CLIENT_AUTH": "none"], "required, optional"),
        ])
    func refused(environment: [String: String], reason: String) throws {
        do throws(ConfigurationError) {
            _ = try Configuration.load(
                StandardKeys.everyService, from: .init(environment: environment), checks: StandardKeys.checks)
            #expect(Bool(false), "it is taken")
        } catch {
            guard case .refused(let lines) = error else { return #expect(Bool(false), "\(error)") }
            #expect(lines.contains { $0.contains(reason) }, "\(lines)")
        }
    }

    @Test("a service speaks https with a certificate, and http without")
    func speaks() throws {
        let both = ["TLS_CERT_FILE": "a.crt,b.crt", "TLS_KEY_FILE": "a.key,b.key"]
        for (environment, speaksTLS) in [([:], false), (both, true)] {
            let configuration = try Configuration.load(
                StandardKeys.everyService, from: .init(environment: environment), checks: StandardKeys.checks)
            #expect(StandardKeys.speaksTLS(configuration) == speaksTLS)
        }
    }
}
