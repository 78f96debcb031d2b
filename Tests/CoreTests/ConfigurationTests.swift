import MartletCore
import Testing

private enum Mode: String, CaseIterable, Sendable {
    case fast, safe
}

private enum Keys {
    static let port = ConfigurationKey("TEST_PORT", .integer(in: 1...65_535), flag: "port", default: 8082, "The port.")
    static let verbose = ConfigurationKey("TEST_VERBOSE", .boolean, flag: "verbose", default: false, "Says more.")
    static let mode = ConfigurationKey("TEST_MODE", .choice(of: Mode.self), flag: "mode", default: .safe, "How.")
    static let token = ConfigurationKey("TEST_TOKEN", .secret, "Lets you in.")
    static let store = ConfigurationKey(
        "DSN", .dataSource, flag: "dsn", default: DataSourceName("sqlite:logs.db"), "The store.")
    static let endpoint = ConfigurationKey.optional("TEST_URL", .url(), flag: "url", "Where to.")
    static let name = ConfigurationKey("TEST_NAME", .string, "Its name.")
}

@Suite("Configuration")
struct ConfigurationTests {
    private func load(
        _ keys: [any AnyConfigurationKey], _ arguments: [String] = [], _ environment: [String: String] = [:],
        files: [String: String] = [:], scope: String? = nil, positionals: ClosedRange<Int> = 0...0,
        checks: [@Sendable (Configuration) -> String?] = []
    ) throws(ConfigurationError) -> Configuration {
        let input = Configuration.Input(arguments: arguments, environment: environment) { path, _ in
            guard let text = files[path] else { throw ServiceError(.notFound, "no such file") }
            return Array(text.utf8)
        }
        return try Configuration.load(keys, from: input, scope: scope, positionals: positionals, checks: checks)
    }

    private func refusal(
        _ keys: [any AnyConfigurationKey], _ arguments: [String] = [], _ environment: [String: String] = [:],
        files: [String: String] = [:]
    ) -> [String] {
        do {
            _ = try load(keys, arguments, environment, files: files)
            return []
        } catch .refused(let lines) {
            return lines
        } catch {
            return ["\(error)"]
        }
    }

    @Test("a flag wins over the environment, the environment over the default")
    func precedence() throws {
        #expect(try load([Keys.port])[Keys.port] == 8082)
        #expect(try load([Keys.port], [], ["TEST_PORT": "1"])[Keys.port] == 1)
        let both = try load([Keys.port], ["--port", "2"], ["TEST_PORT": "1"])
        #expect(both[Keys.port] == 2 && both.source(of: Keys.port) == .flag("port"))
    }

    @Test("flags are read in each form")
    func flags() throws {
        #expect(try load([Keys.port], ["--port=3"])[Keys.port] == 3)
        #expect(try load([Keys.verbose], ["--verbose"])[Keys.verbose])
        #expect(try !load([Keys.verbose], ["--no-verbose"], ["TEST_VERBOSE": "1"])[Keys.verbose])
        #expect(try !load([Keys.verbose], ["--verbose=off"])[Keys.verbose])
        let some = try load([Keys.verbose], ["up", "--verbose", "logger", "--", "--port"], positionals: 0...3)
        #expect(some.positionals == ["up", "logger", "--port"])
    }

    @Test("what cannot be understood is refused with one line that says what is allowed")
    func refused() {
        #expect(
            refusal([Keys.port], ["--port", "99999"]) == ["--port is \"99999\"; allowed: an integer from 1 to 65535"])
        #expect(
            refusal([Keys.port], [], ["TEST_PORT": "80\u{1b}[31m"])
                == ["TEST_PORT is \"80\\u{1b}[31m\"; allowed: an integer from 1 to 65535"])
        #expect(refusal([Keys.mode], ["--mode=slow"]) == ["--mode is \"slow\"; allowed: fast, safe"])
        #expect(
            refusal([Keys.port], [], ["TEST_PORT": ""]) == ["TEST_PORT is empty; allowed: an integer from 1 to 65535"])
        #expect(refusal([Keys.port], ["--prot=1"]) == ["unknown flag \"--prot\"; did you mean --port?"])
        #expect(refusal([Keys.port], ["-p"]) == ["unknown flag \"-p\"; see --help"])
        #expect(refusal([Keys.port], ["--port"]) == ["--port needs a value: --port=VALUE"])
        #expect(refusal([Keys.port], ["--port", "1", "--port=2"]) == ["--port is given twice: \"1\" and \"2\""])
        #expect(refusal([Keys.port], ["stray"]) == ["unexpected argument \"stray\""])
        #expect(refusal([Keys.name]) == ["TEST_NAME must be set; allowed: a text that is not empty"])
    }

    @Test("everything that is wrong is said at once")
    func several() {
        #expect(refusal([Keys.port, Keys.name], ["--port=x", "--y"]).count == 3)
    }

    @Test("a secret comes from the environment or from a file, without the file's last line feed")
    func secrets() throws {
        #expect(try load([Keys.token], [], ["TEST_TOKEN": "a"])[Keys.token].exposed == "a")
        for (content, value) in [("b\n", "b"), ("b\r\n", "b"), (" b\n\n", " b\n"), ("b", "b")] {
            let read = try load([Keys.token], [], ["TEST_TOKEN_FILE": "/run/t"], files: ["/run/t": content])
            #expect(read[Keys.token].exposed == value && read.source(of: Keys.token) == .file("/run/t"))
        }
    }

    @Test("a secret given twice, missing, empty, too long or unreadable is refused, and never shown")
    func badSecrets() {
        let both = ["TEST_TOKEN": "hunter2", "TEST_TOKEN_FILE": "/run/t"]
        #expect(
            refusal([Keys.token], [], both) == ["TEST_TOKEN and TEST_TOKEN_FILE are both set; set one of them"])
        #expect(
            refusal([Keys.token])
                == ["TEST_TOKEN or TEST_TOKEN_FILE must be set; allowed: a text that is not empty"])
        let file = ["TEST_TOKEN_FILE": "/run/t"]
        #expect(refusal([Keys.token], [], file)[0].contains("cannot read \"/run/t\""))
        #expect(refusal([Keys.token], [], file, files: ["/run/t": "\n"])[0].hasPrefix("TEST_TOKEN_FILE is empty"))
        let long = String(repeating: "x", count: Configuration.secretFileLimit + 1)
        #expect(
            refusal([Keys.token], [], file, files: ["/run/t": long]) == [
                "TEST_TOKEN_FILE: \"/run/t\" has more than 64KiB"
            ])
        let bad = refusal([Keys.endpoint], [], ["TEST_URL": "http//user:hunter2@host"])
        #expect(bad == ["TEST_URL has a value that cannot be read; allowed: a URL such as http://host:port/path"])
    }

    @Test("the table shows every value with its source, and no password")
    func table() throws {
        let configuration = try load(
            [Keys.port, Keys.token, Keys.store, Keys.endpoint], ["--port=1"],
            ["TEST_TOKEN": "hunter2", "DSN": "postgres://joe:hunter2@db/users", "TEST_URL": "http://a:hunter2@b:1/c"])
        #expect(
            configuration.description == """
                TEST_PORT  = 1 (flag --port)
                TEST_TOKEN = ••• (environment TEST_TOKEN)
                DSN        = postgres://joe:•••@db/users (environment DSN)
                TEST_URL   = http://a:•••@b:1/c (environment TEST_URL)
                """)
    }

    @Test("an optional key is nil when it is left out or empty")
    func optional() throws {
        #expect(try load([Keys.endpoint])[Keys.endpoint] == nil)
        #expect(try load([Keys.endpoint], [], ["TEST_URL": ""])[Keys.endpoint] == nil)
        #expect(try load([Keys.endpoint], [], ["TEST_URL": "http://h"])[Keys.endpoint]?.host == "h")
    }

    @Test("a service's own variable wins over the shared one")
    func scope() throws {
        let environment = ["DSN": "sqlite:a", "LOGGER_DSN": "sqlite:b"]
        #expect(try load([Keys.store], [], environment, scope: "LOGGER")[Keys.store].exposed == "sqlite:b")
        #expect(try load([Keys.store], [], environment, scope: "MAIL")[Keys.store].exposed == "sqlite:a")
    }

    @Test("a contradiction between values is refused in the words of its check")
    func checks() {
        #expect(throws: ConfigurationError.refused(["not both"])) {
            try load([Keys.port, Keys.verbose], ["--verbose"], checks: [{ $0[Keys.verbose] ? "not both" : nil }])
        }
    }

    @Test("help is asked for, and names every key")
    func help() {
        #expect(throws: ConfigurationError.helpRequested) { try load([Keys.port], ["--bad", "-h"]) }
        let keys: [any AnyConfigurationKey] = [Keys.port, Keys.token, Keys.verbose, Keys.endpoint]
        #expect(
            Configuration.help(for: keys).hasPrefix(
                """
                  --port=VALUE, TEST_PORT
                      The port.
                      Allowed: an integer from 1 to 65535. Default: 8082.
                  TEST_TOKEN, TEST_TOKEN_FILE
                """))
        let rows = Configuration.markdown(for: keys).split(separator: "\n")
        #expect(rows[2] == "| `TEST_PORT` `--port` | The port. | an integer from 1 to 65535 | `8082` |")
        #expect(rows.count == 6 && rows[3].hasSuffix("| **required** |") && rows[5].hasSuffix("| none |"))
    }
}

@Suite("Values of settings")
struct ConfigurationValueTests {
    @Test(
        "durations are read and written back",
        arguments: [
            ("500ms", Duration.milliseconds(500), "500ms"), ("3s", .seconds(3), "3s"), ("2m", .seconds(120), "2m"),
            ("1h30m", .seconds(5400), "1h30m"), ("1.5s", .milliseconds(1500), "1.5s"), ("0", .zero, "0s"),
            ("250us", .microseconds(250), "250us"), ("250µs", .microseconds(250), "250us"),
            ("90s", .seconds(90), "1m30s"),
            (".5s", .milliseconds(500), "500ms"),
        ])
    func durations(text: String, duration: Duration, shown: String) {
        #expect(DurationText.parse(text) == duration)
        #expect(DurationText.format(duration) == shown)
        #expect(DurationText.parse(shown) == duration)
    }

    @Test(
        "what is no duration is refused",
        arguments: ["", "5", "-1s", "s", ".s", "1.s.", "1x", "1s 2s", "9999999999999h", "1.0000000001s", "١s", "1 s"])
    func noDurations(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test("sizes are read with their unit, and refused without digits or over 64 bits")
    func sizes() {
        #expect(ByteSize.parse("64KiB") == 65_536 && ByteSize.parse("10MB") == 10_000_000 && ByteSize.parse("7") == 7)
        #expect(ByteSize.format(1 << 20) == "1MiB" && ByteSize.format(1000) == "1000B")
        for text in ["", "KiB", "1kib", "-1", "1.5MB", "99999999999GiB"] { #expect(ByteSize.parse(text) == nil) }
    }

    @Test("addresses are host and port, IPv6 in brackets")
    func addresses() {
        #expect(HostPort("localhost:80") == HostPort(host: "localhost", port: 80))
        #expect(HostPort("[::1]:8080")?.description == "[::1]:8080")
        for text in ["", "host", ":80", "::1:80", "h:65536", "h:-1", "h:+1", "h:", "a b:1", "a/b:1"] {
            #expect(HostPort(text) == nil, "\(text)")
        }
        let list = ConfigurationType<[HostPort]>.addresses
        #expect(list.parse("a:1,b:2")?.count == 2 && list.parse("a:1,") == nil && list.parse("") == nil)
    }

    @Test("a URL is taken apart")
    func urls() throws {
        let url = try #require(ServiceURL("HTTPS://joe:a@b@[::1]:8443/v1/x?k=v#f"))
        #expect(url.scheme == "https" && url.user == "joe" && url.password?.exposed == "a@b" && url.host == "::1")
        #expect(url.port == 8443 && url.path == "/v1/x" && url.query == "k=v")
        #expect(url.description == "https://joe:•••@[::1]:8443/v1/x?k=v")
        #expect(ServiceURL("http://h?api_key=1&b=2")?.description == "http://h?api_key=•••&b=2")
        for text in [
            "", "h", "/p", "http://", "http:///p", "http://h:x", "http://h h", "://h", "1a://h", "http://a:b:1",
        ] {
            #expect(ServiceURL(text) == nil, "\(text)")
        }
    }

    @Test(
        "no form of a data source shows its password",
        arguments: [
            (
                "postgres://joe:hunter2@db:5432/users?sslmode=disable",
                "postgres://joe:•••@db:5432/users?sslmode=disable"
            ),
            ("postgres://joe:hun/ter2@db/users", "postgres://joe:•••@db/users"),
            ("mongodb://a:hunter2@h1,h2/db", "mongodb://a:•••@h1,h2/db"),
            ("host=db user=joe password=hunter2 dbname=users", "host=db user=joe password=••• dbname=users"),
            ("host=db PASSWORD = 'hun\\'ter 2' x=1", "host=db PASSWORD = ••• x=1"),
            ("amqp://h?password=hunter2", "amqp://h?password=•••"),
            ("sqlite:logs.db", "sqlite:logs.db"), ("smtp://h:25/a@b", "smtp://h:25/a@b"),
        ])
    func dataSources(text: String, shown: String) throws {
        let name = try #require(DataSourceName(text))
        #expect(name.description == shown && String(reflecting: name) == shown)
        #expect(name.exposed == text)
    }

    @Test("the scheme of a data source is what stands before the colon")
    func schemes() {
        #expect(DataSourceName("SQLite:a b.db")?.scheme == "sqlite")
        #expect(DataSourceName("host=a:1")?.scheme == nil)
        #expect(DataSourceName("") == nil && DataSourceName("a\nb") == nil)
    }

    @Test("pairs are percent-decoded, and refused when broken")
    func pairs() throws {
        let values = try #require(KeyedValues("authorization=Bearer%20x, tenant = 7 ,"))
        #expect(values["authorization"] == "Bearer x" && values["tenant"] == "7" && values.pairs.count == 2)
        for text in ["a", "=b", "a=%4", "a=%zz", "a=%0d%0a", "a=%ff"] { #expect(KeyedValues(text) == nil, "\(text)") }
        let type = ConfigurationType<KeyedValues>.pairs(secret: true)
        #expect(type.show(values) == "authorization=•••,tenant=•••")
    }
}
