/// A message as it will be in Swift: its properties, and what the description visits.
struct MessageLayout {
    /// A property that somebody sees.
    enum Property {
        case field(FieldLayout)
        case oneof(OneofLayout)
    }

    /// In the order of the schema; a oneof where its first member stands.
    private(set) var properties: [Property] = []

    /// In the order of their numbers, in which the libraries of protobuf write them.
    var fields: [FieldLayout] {
        properties.flatMap { property in
            switch property {
            case .field(let field): [field]
            case .oneof(let oneof): oneof.members
            }
        }.sorted { $0.number < $1.number }
    }

    init(
        _ descriptor: MessageDescriptor, fullName: String, path: [Int32], in schema: Schema, file: FileDescriptor
    ) throws(GenerationError) {
        func fail(_ message: String) -> GenerationError {
            GenerationError(file: file.name, message: "\(fullName.dropFirst()): \(message)")
        }
        var scope = NameScope(NameScope.ofMessage)
        var types = schema.nestedScope(of: descriptor, file)
        for nested in descriptor.messages.map(\.name) + descriptor.enums.map(\.name) {
            _ = types.claim(Identifier.type(nested), orWith: "Type")
        }
        var numbers: Set<Int32> = []
        var oneofs: [Int32: Int] = [:]
        for (index, field) in descriptor.fields.enumerated() {
            guard (1...536_870_911).contains(field.number), numbers.insert(field.number).inserted else {
                throw fail("field \(field.name) has the number \(field.number), which is taken or none")
            }
            var layout = try FieldLayout(
                field, of: fullName, path: path + [2, Int32(index)], in: schema, file: file.name)
            guard let oneof = field.oneofIndex, !field.isOptional else {
                layout.swiftName = scope.claim(Identifier.member(field.name), orWith: "Field")
                if layout.isBoxed { layout.storage = scope.claim(layout.swiftName + "Storage", orWith: "Storage") }
                properties.append(.field(layout))
                continue
            }
            guard descriptor.oneofs.indices.contains(Int(oneof)) else { throw fail("there is no oneof \(oneof)") }
            let name = descriptor.oneofs[Int(oneof)].name
            if oneofs[oneof] == nil {
                guard oneofs.count < 63 else { throw fail("more than 63 oneofs") }
                oneofs[oneof] = properties.count
                properties.append(
                    .oneof(
                        OneofLayout(
                            schemaName: name, swiftName: scope.claim(Identifier.member(name), orWith: "Choice"),
                            typeName: types.claim(Identifier.type(name), orWith: "Oneof"),
                            index: oneofs.count, path: path + [8, oneof])))
            }
            layout.swiftName = scope.claim(Identifier.member(field.name), orWith: "Field")
            if let place = oneofs[oneof], case .oneof(var group) = properties[place] {
                group.members.append(layout)
                properties[place] = .oneof(group)
            }
        }
        for (place, property) in properties.enumerated() {
            guard case .oneof(var group) = property else { continue }
            group.nameCases()
            properties[place] = .oneof(group)
        }
    }
}

/// Fields of which at most one is there: an enumeration with payloads.
struct OneofLayout {
    let schemaName: String
    let swiftName: String
    let typeName: String
    /// 1 to 63.
    let index: Int
    let path: [Int32]
    var members: [FieldLayout] = []

    var isIndirect: Bool { members.contains(where: \.isBoxed) }

    /// Each member's case, without the oneof's own name before it where all have that: `choice_text` is `text`.
    fileprivate mutating func nameCases() {
        let prefix = schemaName + "_"
        let canStrip = members.allSatisfy { member in
            member.schemaName.hasPrefix(prefix) && Identifier.isValid(member.schemaName.dropFirst(prefix.count))
        }
        var scope = NameScope(NameScope.ofOneof)
        for index in members.indices {
            let name = members[index].schemaName
            members[index].oneofIndex = self.index
            members[index].caseName = scope.claim(
                Identifier.member(canStrip ? String(name.dropFirst(prefix.count)) : name), orWith: "Case")
        }
    }
}
