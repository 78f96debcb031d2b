internal import MartletCore
internal import MartletKit

/// The settings of this service.
enum AuthenticationKeys {
    static let port = StandardKeys.httpPort(8081)

    static let dataSource = StandardKeys.embeddedStore("The users")

    static let adminToken = ConfigurationKey<Secret<String>?>.optional(
        "ADMIN_TOKEN", .adminToken, "What an administrator shows to use /users. Without it /users answers 403.")

    static let trustedProxies = StandardKeys.trustedProxies(
        default: .loopback,
        "The peers whose X-Forwarded-For is believed when failed logins are counted by address: the broker.")

    static let failureStatus = ConfigurationKey(
        "LOGIN_FAILURE_STATUS", .word(of: ["400", "401"]), flag: "login-failure-status", default: "400",
        "How wrong credentials are answered. 400 in most copies of the original, 401 in one.")

    static let sessionLifetime = ConfigurationKey(
        "SESSION_LIFETIME", .duration(in: .seconds(60) ... .seconds(90 * 86_400)), flag: "session-lifetime",
        default: .seconds(12 * 3600), "How long a session lasts after its login.")

    static let isCookieSecure = ConfigurationKey(
        "SESSION_COOKIE_SECURE", .boolean, flag: "session-cookie-secure", default: false,
        "Browsers send the session's cookie over HTTPS alone. For a system that is reached by HTTPS.")

    static let all: [any AnyConfigurationKey] = [
        port, dataSource, StandardKeys.bus, sessionLifetime, isCookieSecure, adminToken, trustedProxies, failureStatus,
    ]
}

extension ConfigurationType<Secret<String>> {
    /// A secret that is long enough not to be found by trying.
    fileprivate static var adminToken: Self {
        let least = BearerToken.length.lowerBound
        var type = secret
        type.allowed = "\(least) to 1024 visible ASCII characters"
        type.parse = { text in
            let isToken = (least...1024).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            return isToken ? Secret(text) : nil
        }
        return type
    }
}
