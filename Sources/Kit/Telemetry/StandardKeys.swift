public import MartletCore

/// The settings that every service has, under the names that the field agreed on.
public enum StandardKeys {
    public static let logLevel = ConfigurationKey(
        "LOG_LEVEL", .level, flag: "log-level", default: .info, "Log records below this level are left out.")
    public static let logFormat = ConfigurationKey(
        "LOG_FORMAT", .word(of: ["auto", "json", "text"]), flag: "log-format", default: "auto",
        "How log lines look; auto is text on a terminal and JSON elsewhere.")
    public static let noColor = ConfigurationKey(
        "NO_COLOR", .text, default: "", "With any value, no colours on a terminal (https://no-color.org).")

    public static let serviceName = ConfigurationKey.optional(
        "OTEL_SERVICE_NAME", .string, "The service's name in logs and traces.")
    public static let resourceAttributes = ConfigurationKey(
        "OTEL_RESOURCE_ATTRIBUTES", .pairs(secret: false), default: KeyedValues(),
        "What else traces say of this process.")
    public static let sampler = ConfigurationKey(
        "OTEL_TRACES_SAMPLER", .word(of: Sampler.names), default: "parentbased_always_on", "Which traces are recorded.")
    public static let samplerArgument = ConfigurationKey(
        "OTEL_TRACES_SAMPLER_ARG", .number(in: 0...1), default: 1, "The share of a traceidratio sampler.")
    public static let endpoint = ConfigurationKey.optional(
        "OTEL_EXPORTER_OTLP_ENDPOINT", .url(),
        "Where traces are sent as OTLP over HTTP, to /v1/traces underneath; nothing is sent without.")
    public static let headers = ConfigurationKey(
        "OTEL_EXPORTER_OTLP_HEADERS", .pairs(secret: true), default: KeyedValues(),
        "Headers of each export, such as an authorization.")
    public static let exportTimeout = ConfigurationKey(
        "OTEL_EXPORTER_OTLP_TIMEOUT", .milliseconds(in: 1...600_000), default: .seconds(10),
        "How long one export may take.")
    public static let exportDelay = ConfigurationKey(
        "OTEL_BSP_SCHEDULE_DELAY", .milliseconds(in: 10...600_000), default: .seconds(5),
        "How long a span waits for others to be exported with.")
    public static let queueSize = ConfigurationKey(
        "OTEL_BSP_MAX_QUEUE_SIZE", .integer(in: 1...1_000_000), default: 2048,
        "Spans that may wait; further ones are dropped.")
    public static let batchSize = ConfigurationKey(
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", .integer(in: 1...100_000), default: 512, "Spans of one export.")

    /// For the list a service declares.
    public static let all: [any AnyConfigurationKey] = [
        logLevel, logFormat, noColor, serviceName, resourceAttributes, sampler, samplerArgument, endpoint, headers,
        exportTimeout, exportDelay, queueSize, batchSize,
    ]

    /// What these values must be to each other, for ``Configuration/load(_:from:scope:positionals:checks:)``.
    public static let checks: [@Sendable (Configuration) -> String?] =
        [
            { configuration in
                let (batch, queue) = (configuration[batchSize], configuration[queueSize])
                return batch > queue
                    ? "OTEL_BSP_MAX_EXPORT_BATCH_SIZE is \(batch), more than OTEL_BSP_MAX_QUEUE_SIZE, which is \(queue)"
                    : nil
            }
        ] + tlsChecks
}

extension ConfigurationType<Logger.Level> {
    public static var level: Self {
        Self(
            allowed: Logger.Level.allCases.map(\.description).joined(separator: ", "),
            parse: { text in Logger.Level.allCases.first { $0.description == text.lowercased() } },
            show: { $0.description })
    }
}

extension LogFormat {
    /// The format that `LOG_FORMAT`, `NO_COLOR` and what `descriptor` is make together.
    public init(from configuration: Configuration, isTerminal: Bool) {
        let isColored = isTerminal && configuration[StandardKeys.noColor].isEmpty
        switch configuration[StandardKeys.logFormat] {
        case "json": self = .json
        case "text": self = isColored ? .color : .text
        default: self = isTerminal ? (isColored ? .color : .text) : .json
        }
    }
}

extension Sampler {
    public init(from configuration: Configuration) {
        let name = configuration[StandardKeys.sampler]
        // The key allows no other names; what would be another samples everything.
        self = Sampler(named: name, ratio: configuration[StandardKeys.samplerArgument]) ?? .everything
    }
}
