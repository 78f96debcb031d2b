extension Configuration {
    /// The keys for `--help`: names, what is allowed, default and meaning.
    public static func help(for keys: [any AnyConfigurationKey]) -> String {
        unique(keys).map { key in
            var line = "  "
            if let flag = key.flag { line += key.isSwitch ? "--\(flag), " : "--\(flag)=VALUE, " }
            line += key.variable
            if key.acceptsFile { line += ", \(key.variable)_FILE" }
            return "\(line)\n      \(key.help)\n      Allowed: \(key.allowedText). \(key.defaultText)."
        }.joined(separator: "\n")
    }

    /// The keys as a Markdown table, for the reference of all settings.
    public static func markdown(for keys: [any AnyConfigurationKey]) -> String {
        let rows = unique(keys).map { key in
            let names = [
                "`\(key.variable)`", key.flag.map { "`--\($0)`" }, key.acceptsFile ? "`\(key.variable)_FILE`" : nil,
            ]
            let cells = [
                names.compactMap { $0 }.joined(separator: " "), cell(key.help), cell(key.allowedText),
                key.shownDefault.map { $0.isEmpty ? "none" : "`\(cell($0))`" } ?? "**required**",
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }
        return (["| setting | meaning | allowed | default |", "| --- | --- | --- | --- |"] + rows).joined(
            separator: "\n")
            + "\n"
    }

    private static func unique(_ keys: [any AnyConfigurationKey]) -> [any AnyConfigurationKey] {
        var seen: Set<String> = []
        return keys.filter { seen.insert($0.variable).inserted }
    }

    private static func cell(_ text: String) -> String {
        String(text.flatMap { $0 == "|" ? Array("\\|") : $0.isNewline ? [" "] : [$0] })
    }
}

extension AnyConfigurationKey {
    fileprivate var acceptsFile: Bool { type.mayHoldSecret }
    fileprivate var allowedText: String { type.allowed }
    fileprivate var defaultText: String {
        guard let shownDefault else { return "Must be given" }
        return shownDefault.isEmpty ? "Nothing by default" : "Default: \(shownDefault)"
    }
}
