import MartletCore
import MartletHTTP
import MartletKit
import MartletMessaging
import Testing

@testable import AuthenticationService
@testable import BrokerService
@testable import ListenerService
@testable import LoggerService
@testable import MailService
@testable import MartletSystem

@Suite("System configuration")
struct SystemConfigurationTests {
    private func system(_ environment: [String: String] = [:], _ arguments: [String] = []) throws -> SystemConfiguration
    {
        try SystemConfiguration(
            SystemService.all, from: Configuration.Input(arguments: arguments, environment: environment))
    }

    private func url(_ key: ConfigurationKey<HTTPBaseURL>, _ system: SystemConfiguration) throws -> String {
        try #require(system.services["broker"])[key].description
    }

    private func problems(_ environment: [String: String], _ arguments: [String] = []) -> [String] {
        do {
            _ = try system(environment, arguments)
            return []
        } catch ConfigurationError.refused(let lines) {
            return lines
        } catch {
            return ["\(error)"]
        }
    }

    @Test("without any setting, each service has its port, and the URLs of those it calls")
    func defaults() throws {
        let system = try system()
        let ports = SystemService.all.map { system.services[$0.name]?[$0.port] }
        #expect(ports == [8085, 8082, 8084, 8081, 8083, 8080, 8001])
        #expect(try url(BrokerApp.authentication, system) == "http://127.0.0.1:8081")
        #expect(try url(BrokerApp.logger, system) == "http://127.0.0.1:8082")
        #expect(try url(BrokerApp.mail, system) == "http://127.0.0.1:8083")
        let page = system.services["front-end"]?.entries.first { $0.variable == "BROKER_URL" }
        #expect(page?.shown == "http://localhost:8080", "a browser's page comes from localhost")
    }

    @Test("a service's own variable goes before the common one, and does not touch the others")
    func scopes() throws {
        let system = try system(["LOG_LEVEL": "warning", "LOGGER_LOG_LEVEL": "debug", "FRONT_END_LOG_LEVEL": "error"])
        let levels = SystemService.all.map { system.services[$0.name]?[StandardKeys.logLevel] }
        #expect(levels == [.warning, .debug, .warning, .warning, .warning, .warning, .error])
    }

    @Test("the originals' MAIL_HOST and MAIL_PORT name a mail server, and not where the mail service listens")
    func mailServer() throws {
        let system = try system(["MAIL_HOST": "mailhog", "MAIL_PORT": "1025", "MAILER_PORT": "9083"])
        let mail = try #require(system.services["mail"])
        #expect(mail[MailApp.port] == 9083)
        #expect(mail[StandardKeys.host] == "127.0.0.1")
        #expect(mail[MailKeys.host] == "mailhog")
        #expect(mail[MailKeys.port] == 1025)
        #expect(try url(BrokerApp.mail, system) == "http://127.0.0.1:9083")
    }

    @Test("a service's second port must be nobody else's")
    func secondPort() {
        #expect(
            problems(["MAILER_SMTP_PORT": "8082"]) == ["MAILER_SMTP_PORT is 8082, which is the port of logger already"])
        #expect(
            problems(["MAILER_SMTP_PORT": "0"]) == [
                "MAILER_SMTP_PORT is 0; in a system each port must be known to the others"
            ])
    }

    @Test("whom one service believes is not whom the others do")
    func trustedProxies() throws {
        let system = try system(["TRUSTED_PROXIES": "10.0.0.1", "BROKER_TRUSTED_PROXIES": "10.0.0.2"])
        #expect(system.services["broker"]?[BrokerApp.trustedProxies] == TrustedProxies("10.0.0.2"))
        #expect(system.services["authentication"]?[AuthenticationKeys.trustedProxies] == .loopback)
    }

    @Test("a changed port reaches everybody who calls it")
    func changedPort() throws {
        let system = try system(["LOGGER_PORT": "9082", "BROKER_PORT": "9080"])
        #expect(try url(BrokerApp.logger, system) == "http://127.0.0.1:9082")
        #expect(system.services["listener"]?[ListenerApp.logger].description == "http://127.0.0.1:9082")
        let page = system.services["front-end"]?.entries.first { $0.variable == "BROKER_URL" }
        #expect(page?.shown == "http://localhost:9080")
    }

    @Test(
        "the URL of a service is an address that can be called, where it listens",
        arguments: [
            ("0.0.0.0", "http://127.0.0.1:8082"), ("::", "http://[::1]:8082"), ("::1", "http://[::1]:8082"),
            ("127.0.0.2", "http://127.0.0.2:8082"),
        ])
    func hosts(host: String, expected: String) throws {
        #expect(try url(BrokerApp.logger, system(["HOST": host])) == expected)
        #expect(try url(BrokerApp.logger, system([:], ["--host", host])) == expected)
        #expect(try url(BrokerApp.logger, system([:], ["--host=\(host)"])) == expected)
        let alone = try system(["LOGGER_HOST": host])
        #expect(try url(BrokerApp.logger, alone) == expected)
        #expect(try url(BrokerApp.authentication, alone) == "http://127.0.0.1:8081", "only the logger is elsewhere")
    }

    @Test("a URL that is given is left as it is, for all or for one")
    func givenURL() throws {
        let all = try system(["LOGGER_URL": "http://logs.example:1"])
        #expect(try url(BrokerApp.logger, all) == "http://logs.example:1")
        let one = try system(["BROKER_LOGGER_URL": "http://logs.example:1"])
        #expect(try url(BrokerApp.logger, one) == "http://logs.example:1")
        #expect(one.services["listener"]?[ListenerApp.logger].description == "http://127.0.0.1:8082")
    }

    @Test("all who use the bus find it where the bus is told to be, unless they are told otherwise")
    func bus() throws {
        func urls(_ environment: [String: String]) throws -> [String: String] {
            let system = try system(environment)
            var urls: [String: String] = [:]
            for (name, configuration) in system.services {
                urls[name] = configuration.entries.first { $0.variable == "BUS_URL" }?.shown
            }
            return urls
        }
        let users = SystemService.all.filter(\.usesBus).map(\.name)
        #expect(users == ["bus", "listener", "authentication", "mail", "broker"])
        let elsewhere = try urls(["BUS_DATA_DIR": "/var/bus"])
        #expect(users.dropFirst().allSatisfy { elsewhere[$0] == "unix:/var/bus/bus.sock" }, "\(elsewhere)")
        let all = try urls(["BUS_URL": "unix:/run/b.sock"])
        #expect(users.allSatisfy { all[$0] == "unix:/run/b.sock" }, "\(all)")
        let own = try urls(["BUS_BUS_URL": "unix:/run/b.sock", "BROKER_BUS_URL": "unix:/run/c.sock"])
        #expect(own["broker"] == "unix:/run/c.sock" && own["listener"] == "unix:/run/b.sock", "\(own)")
    }

    @Test("PORT and DSN mean one service, so that without a scope they mean none")
    func unscoped() throws {
        let environment = ["PORT": "1", "DSN": "sqlite:/shared.db", "DSN_FILE": "/run/secrets/dsn"]
        let system = try system(environment)
        #expect(
            SystemService.all.map { system.services[$0.name]?[$0.port] } == [8085, 8082, 8084, 8081, 8083, 8080, 8001])
        for service in ["logger", "authentication"] {
            let entry = system.services[service]?.entries.first { $0.variable == "DSN" }
            #expect(entry?.source == .default)
        }
        let own = try self.system(["LOGGER_DSN": "sqlite::memory:"])
        #expect(own.services["logger"]?.source(of: LoggerApp.store) == .environment("LOGGER_DSN"))
        #expect(own.services["authentication"]?.entries.first { $0.variable == "DSN" }?.source == .default)
    }

    @Test("two services on one port, and port 0, are refused with a line each")
    func ports() {
        #expect(problems(["LOGGER_PORT": "8080"]) == ["BROKER_PORT is 8080, which is the port of logger already"])
        #expect(
            problems(["LOGGER_PORT": "0", "FRONT_END_PORT": "8081"]) == [
                "LOGGER_PORT is 0; in a system each port must be known to the others",
                "FRONT_END_PORT is 8081, which is the port of authentication already",
            ])
    }

    @Test("what is wrong is said with the service it is wrong for, all of it at once")
    func lines() {
        #expect(
            problems(["LOGGER_PORT": "x", "BROKER_PORT": "70000"]) == [
                #"logger: LOGGER_PORT is "x"; allowed: an integer from 0 to 65535"#,
                #"broker: BROKER_PORT is "70000"; allowed: an integer from 0 to 65535"#,
            ])
        let lines = problems(["LOGGER_LOG_LEVEL": "loud", "BROKER_AUTH_URL": "ftp://x"])
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix(#"logger: LOGGER_LOG_LEVEL is "loud"; allowed: "#) == true)
        #expect(lines.last?.hasPrefix(#"broker: BROKER_AUTH_URL is "ftp://x"; allowed: "#) == true)
        let common = problems(["LOG_FORMAT": "xml"])
        #expect(common.count == 7 && common.allSatisfy { $0.contains(#": LOG_FORMAT is "xml""#) })
    }

    @Test("a flag that no service has is refused")
    func unknownFlag() {
        #expect(problems([:], ["--no-such-flag"]).contains { $0.contains("--no-such-flag") })
    }
}
