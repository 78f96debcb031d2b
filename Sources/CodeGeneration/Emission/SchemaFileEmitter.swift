internal import MartletWire

/// Writes the compiled form of a file into its Swift, for those who ask a server what it offers.
struct SchemaFileEmitter {
    /// All files of the request: descriptors as they came.
    let files: [String: (bytes: [UInt8], imports: [String])]
    /// Have a Swift file of their own.
    let generated: Set<String>
    let options: GenerationOptions

    /// `google/api/http.proto` as `googleAPIHTTP`.
    static func swiftName(of file: String) -> String {
        var name = file.hasSuffix(".proto") ? String(file.dropLast(6)) : file
        name = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return Identifier.quoted(Identifier.member(name))
    }

    func emit(_ name: String) throws(GenerationError) -> String {
        var writer = SourceWriter()
        let access = options.visibility.prefix
        let imports = importsToEmbed(of: name)
        writer.open("extension SchemaFile")
        writer.line("/// `\(name)`")
        try write(name, "\(access)static let \(Self.swiftName(of: name))", to: &writer)
        for file in imports {
            writer.line()
            try write(file, "private static let \(Self.embeddedName(of: file))", to: &writer)
        }
        writer.close()
        return writer.text
    }

    private static func embeddedName(of file: String) -> String {
        Identifier.member("imported_" + swiftName(of: file).filter { $0 != "`" })
    }

    /// All that the file needs and that has no Swift file of its own, what is needed by others after them.
    private func importsToEmbed(of name: String) -> [String] {
        var found: [String] = []
        var open = files[name]?.imports ?? []
        while let next = open.popLast() {
            if generated.contains(next) || found.contains(next) { continue }
            guard let file = files[next] else { continue }
            found.append(next)
            open += file.imports
        }
        return found.sorted()
    }

    private func write(_ name: String, _ head: String, to writer: inout SourceWriter) throws(GenerationError) {
        guard let file = files[name] else { return }
        writer.line("\(head) = SchemaFile(")
        writer.line("    name: \(name.debugDescription),")
        writer.line("    base64: \"\"\"")
        let text = String(decoding: Base64.encode(try Self.strippingSourceInfo(file.bytes, name)), as: UTF8.self)
        var rest = text[...]
        while !rest.isEmpty {
            let line = rest.prefix(100)
            rest = rest.dropFirst(100)
            writer.line("        \(line)\(rest.isEmpty ? "" : "\\")")
        }
        let imports = file.imports.map {
            "." + (generated.contains($0) ? Self.swiftName(of: $0) : Self.embeddedName(of: $0))
        }
        if imports.isEmpty { return writer.line("        \"\"\")") }
        writer.line("        \"\"\",")
        if imports.count == 1 { return writer.line("    imports: [\(imports[0])])") }
        writer.line("    imports: [")
        for name in imports { writer.line("        \(name),") }
        writer.line("    ])")
    }

    /// Everything but the comments and the places.
    private static func strippingSourceInfo(_ bytes: [UInt8], _ file: String) throws(GenerationError) -> [UInt8] {
        do throws(ProtobufError) {
            var fields = try Protobuf.decode(SourceInfoSplitter.self, from: bytes, limits: CodeGenerator.limits)
            fields.sourceInfo = nil
            return Protobuf.encode(fields)
        } catch {
            throw GenerationError(file: file, message: "\(error)")
        }
    }
}

/// A file's descriptor of which only the comments and the places are looked at.
private struct SourceInfoSplitter: Message {
    static let messageName = "google.protobuf.FileDescriptorProto"
    var sourceInfo: [UInt8]?
    var others = UnknownFields()

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(FileDescriptor.sourceInfoNumber, "source_code_info", &sourceInfo)
        visit.unknownFields(&others)
    }
}
