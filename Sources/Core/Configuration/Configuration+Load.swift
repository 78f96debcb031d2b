extension Configuration {
    /// The most a file that holds a secret may have.
    public static let secretFileLimit = 64 * 1024

    /// What the process was given.
    public struct Input: Sendable {
        /// Without the program's name.
        public var arguments: [String]
        public var environment: [String: String]
        /// Reads a file of at most `limit` bytes, or says why not. Core touches no files.
        public var readFile: @Sendable (_ path: String, _ limit: Int) throws -> [UInt8]

        public init(
            arguments: [String] = [], environment: [String: String] = [:],
            readFile: @escaping @Sendable (_ path: String, _ limit: Int) throws -> [UInt8] = { _, _ in
                throw ServiceError(.unimplemented, "files cannot be read here")
            }
        ) {
            self.arguments = arguments
            self.environment = environment
            self.readFile = readFile
        }
    }

    /// Reads the settings `keys`.
    ///
    /// - Parameters:
    ///   - scope: With `LOGGER`, the variable `LOGGER_DSN` wins over `DSN`: for several services in one process, which
    ///     share an environment.
    ///   - positionals: How many arguments may be given that are no flags.
    ///   - checks: What the values must be to each other; each check returns what is wrong, or nil.
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    public static func load(
        _ keys: [any AnyConfigurationKey], from input: Input, scope: String? = nil,
        positionals: ClosedRange<Int> = 0...0, checks: [@Sendable (Configuration) -> String?] = []
    ) throws(ConfigurationError) -> Configuration {
        var arguments = ArgumentReader(keys)
        try arguments.read(input.arguments)
        var problems = arguments.problems
        var configuration = Configuration()
        for positional in arguments.positionals { configuration.add(positional: positional) }
        switch arguments.positionals.count {
        case positionals: break
        // What follows an unknown flag may be its value: one mistake, one line.
        case _ where !problems.isEmpty: break
        case ..<positionals.lowerBound: problems.append("too few arguments; see --help")
        default: problems.append("unexpected argument \(quoted(arguments.positionals[positionals.upperBound]))")
        }
        var seen: Set<String> = []
        for key in keys where seen.insert(key.variable).inserted {
            do {
                try configuration.resolve(key, flags: arguments.flags, input, scope)
            } catch {
                problems.append(error.line)
            }
        }
        // A check may ask for any key, so it runs only when all are there.
        if problems.isEmpty { problems = checks.compactMap { $0(configuration) } }
        guard problems.isEmpty else { throw .refused(problems) }
        return configuration
    }

    private struct Problem: Error {
        var line: String
    }

    private mutating func resolve(
        _ key: some AnyConfigurationKey, flags: [String: String], _ input: Input, _ scope: String?
    ) throws(Problem) {
        if let flag = key.flag, let text = flags[flag] {
            return try add(key, text, named: "--\(flag)", .flag(flag))
        }
        let scoped = scope.map { "\($0)_\(key.variable)" }
        for variable in [scoped, key.variable].compactMap({ $0 }) {
            let text = input.environment[variable]
            let path = key.type.mayHoldSecret ? input.environment["\(variable)_FILE"] : nil
            if text != nil, path != nil {
                throw Problem(line: "\(variable) and \(variable)_FILE are both set; set one of them")
            }
            if let text { return try add(key, text, named: variable, .environment(variable)) }
            if let path {
                let text = try Self.readSecret(path, named: "\(variable)_FILE", input)
                return try add(key, text, named: "\(variable)_FILE", .file(path))
            }
        }
        guard let (value, shown) = key.resolvedDefault else {
            let names = [
                key.flag.map { "--\($0)" }, key.variable, key.type.mayHoldSecret ? "\(key.variable)_FILE" : nil,
            ]
            let choices = names.compactMap { $0 }.joined(separator: " or ")
            throw Problem(line: "\(choices) must be set; allowed: \(key.type.allowed)")
        }
        add(key.variable, value, shown: shown, .default)
    }

    private mutating func add(
        _ key: some AnyConfigurationKey, _ text: String, named name: String, _ source: Source
    ) throws(Problem) {
        if text.isEmpty {
            guard let empty = key.type.empty else {
                throw Problem(line: "\(name) is empty; allowed: \(key.type.allowed)")
            }
            return add(key.variable, empty, shown: key.type.show(empty), source)
        }
        guard let (value, shown) = key.read(text) else {
            let said = key.type.mayHoldSecret ? "has a value that cannot be read" : "is \(quoted(text))"
            throw Problem(line: "\(name) \(said); allowed: \(key.type.allowed)")
        }
        add(key.variable, value, shown: shown, source)
    }

    private static func readSecret(_ path: String, named name: String, _ input: Input) throws(Problem) -> String {
        let bytes: [UInt8]
        do {
            bytes = try input.readFile(path, secretFileLimit)
        } catch {
            throw Problem(line: "\(name): cannot read \(quoted(path)): \(error)")
        }
        guard bytes.count <= secretFileLimit else {
            throw Problem(line: "\(name): \(quoted(path)) has more than \(ByteSize.format(secretFileLimit))")
        }
        // Editors and `echo` end a file with a line feed that is not part of the secret.
        var end = bytes.count
        if end > 0, bytes[end - 1] == 0x0A { end -= 1 }
        if end > 0, bytes[end - 1] == 0x0D { end -= 1 }
        guard let text = String(validating: bytes[..<end], as: UTF8.self), !text.utf8.contains(0) else {
            throw Problem(line: "\(name): \(quoted(path)) is not UTF-8 text")
        }
        return text
    }
}

/// A value in a message: in quotes, short, without control characters.
func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    LineBuffer.write(to: &bytes) { $0.append(terminalText: text.cut(toBytes: 200)) }
    return "\"\(String(decoding: bytes, as: UTF8.self))\(text.utf8.count > 200 ? "…" : "")\""
}
