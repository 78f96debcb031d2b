public import MartletCore
public import MartletHTTP

extension ConfigurationType<HTTPBaseURL> {
    /// Where another service is.
    public static var serviceURL: Self {
        Self(
            allowed: "a URL such as http://host:port, without credentials", parse: { try? HTTPBaseURL($0) },
            show: { $0.description })
    }
}
