extension FileEmitter {
    mutating func emit(_ descriptor: MessageDescriptor, in parent: String, path: [Int32]) throws(GenerationError) {
        let fullName = parent + "." + descriptor.name
        guard case .message? = schema.types[fullName]?.content, !descriptor.options.isMapEntry else { return }
        let layout = try MessageLayout(descriptor, fullName: fullName, path: path, in: schema, file: file)
        writer.line()
        writer.lines(comments.lines(at: path, isDeprecated: descriptor.options.isDeprecated))
        writer.open("\(access)struct \(ownName(fullName)): Message, Hashable")
        try emitBody(of: descriptor, fullName, layout, path: path)
        writer.close()
    }

    private mutating func emitBody(
        of descriptor: MessageDescriptor, _ fullName: String, _ layout: MessageLayout, path: [Int32]
    ) throws(GenerationError) {
        writer.line("\(access)static let messageName = \"\(fullName.dropFirst())\"")
        writer.line()
        for property in layout.properties { emitStored(property) }
        writer.line("/// What a newer schema has that this one has not.")
        writer.line("\(access)var unknownFields = UnknownFields()")
        emitInitializers(layout)
        emitDescription(layout)
        for property in layout.properties { emitComputed(property) }
        for (index, nested) in descriptor.enums.enumerated() {
            try emit(nested, in: fullName, path: path + [4, Int32(index)])
        }
        for (index, nested) in descriptor.messages.enumerated() {
            try emit(nested, in: fullName, path: path + [3, Int32(index)])
        }
    }

    /// Without the types that it stands in.
    func ownName(_ fullName: String) -> String {
        schema.types[fullName].map { String($0.swiftName.split(separator: ".").last ?? "") } ?? ""
    }

    // MARK: Properties

    private mutating func emitStored(_ property: MessageLayout.Property) {
        switch property {
        case .field(let field) where field.isBoxed:
            writer.line("/// A struct cannot hold itself, an array of at most one can: ``\(field.swiftName)``.")
            let prefix = options.visibility == .public ? "@usableFromInline var" : "private var"
            writer.line("\(prefix) \(field.storage): [\(field.payload)] = []")
        case .field(let field):
            writer.lines(comments.lines(at: field.path, isDeprecated: field.isDeprecated))
            let value = field.defaultValue == "nil" ? "" : " = \(field.defaultValue)"
            writer.line("\(access)var \(Identifier.quoted(field.swiftName)): \(field.type)\(value)")
        case .oneof(let oneof):
            writer.lines(comments.lines(at: oneof.path))
            writer.line("\(access)var \(Identifier.quoted(oneof.swiftName)): \(oneof.typeName)?")
        }
    }

    private mutating func emitComputed(_ property: MessageLayout.Property) {
        switch property {
        case .field(let field):
            if field.isBoxed { emitBoxed(field) }
        case .oneof(let oneof):
            writer.line()
            emitType(of: oneof)
            for member in oneof.members { emit(member, of: oneof) }
        }
    }

    private mutating func emitBoxed(_ field: FieldLayout) {
        let storage = field.storage
        writer.line()
        writer.lines(comments.lines(at: field.path, isDeprecated: field.isDeprecated))
        writer.lines(inlinable)
        writer.block("\(access)var \(Identifier.quoted(field.swiftName)): \(field.type)") { writer in
            writer.line("get { self.\(storage).first }")
            writer.block("_modify") { writer in
                writer.line("var payload = self.\(storage).popLast()")
                writer.line("defer { if let payload { self.\(storage).append(payload) } }")
                writer.line("yield &payload")
            }
        }
    }

    private mutating func emitType(of oneof: OneofLayout) {
        let comments = comments
        let head = "\(access)\(oneof.isIndirect ? "indirect " : "")enum \(oneof.typeName): Hashable, Sendable"
        writer.block(head) { writer in
            for member in oneof.members {
                writer.lines(comments.lines(at: member.path, isDeprecated: member.isDeprecated))
                writer.line("case \(Identifier.quoted(member.caseName))(\(member.payload))")
            }
        }
    }

    /// A member as a property of its own: what the description visits.
    private mutating func emit(_ member: FieldLayout, of oneof: OneofLayout) {
        let name = Identifier.quoted(member.swiftName)
        let choice = "self.\(Identifier.quoted(oneof.swiftName))"
        let pattern = ".\(Identifier.quoted(member.caseName))"
        writer.line()
        writer.lines(comments.lines(at: member.path, isDeprecated: member.isDeprecated))
        writer.lines(inlinable)
        writer.block("\(access)var \(name): \(member.type)") { writer in
            writer.braces(
                "get", "if case \(pattern)(let payload) = \(choice) { payload } else { nil }",
                orLines: ["if case \(pattern)(let payload) = \(choice) { return payload }", "return nil"])
            guard member.isMessage else {
                return writer.braces(
                    "set",
                    "if let newValue { \(choice) = \(pattern)(newValue) } else if case \(pattern) = \(choice) { \(choice) = nil }",
                    orLines: [
                        "if let newValue {", "    \(choice) = \(pattern)(newValue)",
                        "} else if case \(pattern) = \(choice) {",
                        "    \(choice) = nil", "}",
                    ])
            }
            // Taken out of the case while it changes: otherwise what comes in many pieces is copied for each of them.
            writer.block("_modify") { writer in
                writer.line("var payload = self.\(name)")
                writer.line("if payload != nil { \(choice) = nil }")
                writer.line("defer { if let payload { \(choice) = \(pattern)(payload) } }")
                writer.line("yield &payload")
            }
        }
    }

    // MARK: Initialisers and the description

    private mutating func emitInitializers(_ layout: MessageLayout) {
        writer.line()
        writer.line("\(access)init() {}")
        if layout.properties.isEmpty { return }
        let parameters = layout.properties.map { property in
            switch property {
            case .field(let field): (Identifier.quoted(field.swiftName), field.type, field.defaultValue)
            case .oneof(let oneof): (Identifier.quoted(oneof.swiftName), oneof.typeName + "?", "nil")
            }
        }
        writer.line()
        writer.function("\(access)init", parameters.map { "\($0.0): \($0.1) = \($0.2)" }) { writer in
            for parameter in parameters { writer.line("self.\(parameter.0) = \(parameter.0)") }
        }
    }

    private mutating func emitDescription(_ layout: MessageLayout) {
        writer.line()
        writer.lines(inlinable)
        writer.block("\(access)mutating func visitFields<V: FieldVisitor>(_ visit: inout V)") { writer in
            for field in layout.fields {
                var arguments = ["\(field.number)", "\"\(field.schemaName)\""]
                if let name = field.jsonName { arguments.append("json: \"\(name)\"") }
                // The parameter would hide a property of its name.
                let owner = field.swiftName == "visit" ? "self." : ""
                arguments.append("&\(owner)\(Identifier.quoted(field.swiftName))")
                var options = field.options
                if field.oneofIndex > 0 { options.append(".oneof(\(field.oneofIndex))") }
                if options.count == 1 { arguments += options }
                if options.count > 1 { arguments.append("[\(options.joined(separator: ", "))]") }
                writer.call("visit.field", arguments)
            }
            writer.line("visit.unknownFields(&unknownFields)")
        }
    }
}
