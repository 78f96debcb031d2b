public import MartletCore
internal import MartletRuntime

extension StandardKeys {
    public static let host = ConfigurationKey(
        "HOST", .address, flag: "host", default: "127.0.0.1",
        "The IP address to listen on. 0.0.0.0 is every network the machine is on.")
    public static let allowedHosts = ConfigurationKey(
        "ALLOWED_HOSTS", .text, flag: "allowed-hosts", default: "",
        "Host names, separated by commas, under which a service answers besides IP addresses, localhost and names "
            + "without a dot. The routes of the original services answer under any name.")
    public static let dataFolder = ConfigurationKey(
        "DATA_DIR", .string, flag: "data-dir", default: ".martlet",
        "The folder of the embedded stores; each service has one of its own in it.")
    public static let startupTimeout = ConfigurationKey(
        "STARTUP_TIMEOUT", .duration(in: .zero ... .seconds(3600)), flag: "startup-timeout", default: .seconds(60),
        "How long a service waits at its start for what may come yet: a store that is locked, or whose volume is not "
            + "mounted. /readyz says what it waits for.")
    public static let drainDelay = ConfigurationKey(
        "SHUTDOWN_DRAIN_DELAY", .duration(in: .zero ... .seconds(600)), flag: "shutdown-drain-delay", default: .zero,
        "How long a service goes on serving after /readyz says that it is shutting down.")
    public static let patience = ConfigurationKey(
        "SHUTDOWN_TIMEOUT", .duration(in: .milliseconds(100) ... .seconds(600)), flag: "shutdown-timeout",
        default: .seconds(25), "How long each part of a service may take to stop.")

    /// What a service reads about its life, its place and its telemetry.
    public static let everyService: [any AnyConfigurationKey] =
        [
            host, allowedHosts, dataFolder, startupTimeout, drainDelay, patience,
        ] + tls + all

    /// The port of a service's HTTP interface.
    public static func httpPort(_ port: Int) -> ConfigurationKey<Int> {
        ConfigurationKey("PORT", .port, flag: "port", default: port, "The TCP port of the HTTP interface.")
    }
}

extension ConfigurationType<String> {
    /// An IP address in figures.
    static var address: Self {
        Self(
            allowed: "an IP address in figures, such as 127.0.0.1 or ::1",
            parse: { (try? SocketAddress(host: $0, port: 0)) == nil ? nil : $0 }, show: { $0 })
    }
}
