/// All files of a request with every type looked up, and what each is called in Swift.
struct Schema {
    /// By the full name with a dot before it: `.logs.Log`.
    private(set) var types = SchemaType.wellKnown
    /// What services are called in Swift, by their full names.
    private(set) var services: [String: (table: String, methods: String, client: String)] = [:]

    init(_ files: [FileDescriptor]) throws(GenerationError) {
        for file in files { try add(file) }
    }

    func type(_ name: String, in file: String) throws(GenerationError) -> SchemaType {
        guard let type = types[name] else { throw GenerationError(file: file, message: "there is no type \(name)") }
        return type
    }

    // MARK: Names

    private mutating func add(_ file: FileDescriptor) throws(GenerationError) {
        try Self.check(file)
        let package = file.package.isEmpty ? "" : "." + file.package
        let prefix = file.options.swiftPrefix
        var scope = NameScope(NameScope.ofTypes)
        for descriptor in file.enums {
            let name = scope.claim(prefix + Identifier.type(descriptor.name), orWith: "Enum")
            try add(
                package + "." + descriptor.name, SchemaType(swiftName: name, content: .enumeration(descriptor)), file)
        }
        // Names of the top level first: what is nested gives way to them.
        var roots: [String: String] = [:]
        for descriptor in file.messages {
            roots[descriptor.name] = scope.claim(prefix + Identifier.type(descriptor.name), orWith: "Message")
        }
        for descriptor in file.messages {
            try add(descriptor, package, roots[descriptor.name] ?? "", file)
        }
        for service in file.services {
            let table = scope.claim(prefix + Identifier.type(service.name), orWith: "Service")
            let client = scope.claim(table + "Client", orWith: "Client")
            services[package + "." + service.name] = (table, scope.claim(table + "Methods", orWith: "Methods"), client)
        }
    }

    private mutating func add(
        _ descriptor: MessageDescriptor, _ parent: String, _ swiftName: String, _ file: FileDescriptor
    ) throws(GenerationError) {
        let fullName = parent + "." + descriptor.name
        try add(fullName, SchemaType(swiftName: swiftName, content: .message(descriptor)), file)
        var scope = nestedScope(of: descriptor, file)
        for nested in descriptor.enums {
            let name = swiftName + "." + scope.claim(Identifier.type(nested.name), orWith: "Enum")
            try add(fullName + "." + nested.name, SchemaType(swiftName: name, content: .enumeration(nested)), file)
        }
        for nested in descriptor.messages {
            let name = scope.claim(Identifier.type(nested.name), orWith: "Message")
            try add(nested, fullName, swiftName + "." + name, file)
        }
    }

    private mutating func add(_ fullName: String, _ type: SchemaType, _ file: FileDescriptor) throws(GenerationError) {
        if case .wellKnown? = types[fullName]?.content { return }
        guard types.updateValue(type, forKey: fullName) == nil else {
            throw GenerationError(file: file.name, message: "\(fullName.dropFirst()) is declared twice")
        }
    }

    /// What types inside a message cannot be called: names that generated code uses, and those which the types that the
    /// message speaks of begin with, for a nested type would hide them.
    func nestedScope(of descriptor: MessageDescriptor, _ file: FileDescriptor) -> NameScope {
        var roots: Set<String> = []
        Self.collectRoots(of: descriptor, file, into: &roots)
        return NameScope(NameScope.ofTypes.union(roots))
    }

    private static func collectRoots(
        of descriptor: MessageDescriptor, _ file: FileDescriptor, into roots: inout Set<String>
    ) {
        let package = file.package.isEmpty ? "." : "." + file.package + "."
        for field in descriptor.fields where !field.typeName.isEmpty {
            // Of another package it may have another prefix; then it is only one name more that is avoided.
            let local =
                field.typeName.hasPrefix(package) ? field.typeName.dropFirst(package.count) : field.typeName[...]
            let parts = local.split(separator: ".")
            guard let root = field.typeName.hasPrefix(package) ? parts.first : parts.last else { continue }
            roots.insert(file.options.swiftPrefix + Identifier.type(String(root)))
        }
        for nested in descriptor.messages { collectRoots(of: nested, file, into: &roots) }
    }

    // MARK: Checks

    /// What protoc would not let through: it must not get into a program's text.
    private static func check(_ file: FileDescriptor) throws(GenerationError) {
        var names = file.package.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if file.package.isEmpty { names = [] }
        names += [file.options.swiftPrefix].filter { !$0.isEmpty }
        names += file.enums.flatMap(Self.names) + file.messages.flatMap(Self.names)
        names += file.services.flatMap { [$0.name] + $0.methods.map(\.name) }
        if let name = names.first(where: { !Identifier.isValid($0) }) {
            throw GenerationError(file: file.name, message: "\(name.debugDescription) is not a name")
        }
    }

    private static func names(_ descriptor: EnumDescriptor) -> [String] {
        [descriptor.name] + descriptor.values.map(\.name)
    }

    private static func names(_ descriptor: MessageDescriptor) -> [String] {
        [descriptor.name] + descriptor.fields.map(\.name) + descriptor.oneofs.map(\.name)
            + descriptor.enums.flatMap(names) + descriptor.messages.flatMap(names)
    }
}

// MARK: What holds itself

extension Schema {
    /// Whether a message of the type `name` may hold one of the type `other`, or be one, without an array or a map
    /// between: in Swift such a value would have no size.
    func holds(_ name: String, _ other: String) -> Bool {
        var seen: Set<String> = [name]
        var open = [name]
        while let next = open.popLast() {
            if next == other { return true }
            guard case .message(let descriptor)? = types[next]?.content else { continue }
            for field in descriptor.fields
            where !field.isRepeated && FieldDescriptor.Kind(rawValue: field.kind) == .message {
                if seen.insert(field.typeName).inserted { open.append(field.typeName) }
            }
        }
        return false
    }
}
