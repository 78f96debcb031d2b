/// What can be asked of the plugin: `--martlet_opt=visibility=public,import=Models`.
struct GenerationOptions: Equatable {
    enum Visibility: String, CaseIterable {
        case `internal`
        case package
        case `public`

        /// Before a declaration.
        var prefix: String { self == .internal ? "" : "\(self) " }
    }

    /// Of everything generated.
    var visibility = Visibility.internal
    /// Modules that what is imported was generated into.
    var imports: [String] = []

    init() {}

    init(parameter: String) throws(GenerationError) {
        for option in parameter.split(separator: ",") {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first, parts.dropFirst().first) {
            case ("visibility", let value?):
                guard let visibility = Visibility(rawValue: value) else {
                    throw GenerationError(file: "", message: "visibility is internal, package or public, not \(value)")
                }
                self.visibility = visibility
            case ("import", let module?) where Identifier.isValid(module): imports.append(module)
            default:
                throw GenerationError(
                    file: "", message: "no such option: \(option) (there are visibility=… and import=…)")
            }
        }
    }
}
