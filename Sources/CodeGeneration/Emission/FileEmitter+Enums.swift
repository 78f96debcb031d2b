extension FileEmitter {
    /// An open enumeration: a number with names for some of its values, as proto3 has them.
    mutating func emit(_ descriptor: EnumDescriptor, in parent: String, path: [Int32]) throws(GenerationError) {
        let fullName = parent + "." + descriptor.name
        guard case .enumeration? = schema.types[fullName]?.content else { return }
        let name = ownName(fullName)
        let constants = Self.constants(of: descriptor)
        writer.line()
        writer.lines(comments.lines(at: path))
        writer.open("\(access)struct \(name): MessageEnum, Hashable")
        writer.line("\(access)static let enumName = \"\(fullName.dropFirst())\"")
        writer.line()
        for (index, value) in descriptor.values.enumerated() {
            writer.lines(comments.lines(at: path + [2, Int32(index)], isDeprecated: value.options.isDeprecated))
            let constant = Identifier.quoted(constants[index])
            writer.line("\(access)static let \(constant) = \(name)(number: \(value.number))")
        }
        writer.line()
        writer.line("/// One that the schema has no name for is kept as it is.")
        writer.line("\(access)var number: Int32")
        writer.line()
        writer.lines(inlinable)
        writer.line("\(access)init(number: Int32) { self.number = number }")
        writer.line()
        writer.line("\(access)static var fieldDefault: \(name) { \(name)(number: 0) }")
        emitNames(descriptor)
        writer.close()
    }

    private mutating func emitNames(_ descriptor: EnumDescriptor) {
        let access = access
        var numbers: Set<Int32> = []
        var names: Set<String> = []
        writer.line()
        writer.block("\(access)var name: String?") { writer in
            writer.line("switch number {")
            // Of several names of a number, the first.
            for value in descriptor.values where numbers.insert(value.number).inserted {
                writer.line("case \(value.number): \"\(value.name)\"")
            }
            writer.line("default: nil")
            writer.line("}")
        }
        writer.line()
        writer.block("\(access)init?(name: String)") { writer in
            writer.line("switch name {")
            for value in descriptor.values where names.insert(value.name).inserted {
                writer.line("case \"\(value.name)\": number = \(value.number)")
            }
            writer.line("default: return nil")
            writer.line("}")
        }
    }

    /// The values' names in Swift, without the enumeration's own before them where all have that: `COLOR_RED` is `red`.
    private static func constants(of descriptor: EnumDescriptor) -> [String] {
        let prefix = Identifier.screaming(descriptor.name) + "_"
        let canStrip = descriptor.values.allSatisfy { value in
            value.name.uppercased().hasPrefix(prefix) && Identifier.isValid(value.name.dropFirst(prefix.count))
        }
        var scope = NameScope(NameScope.ofEnum)
        return descriptor.values.map { value in
            scope.claim(
                Identifier.constant(canStrip ? String(value.name.dropFirst(prefix.count)) : value.name), orWith: "Value"
            )
        }
    }
}
