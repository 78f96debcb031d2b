/// Writes the Swift file of one `.proto` file.
struct FileEmitter {
    let file: FileDescriptor
    let schema: Schema
    let options: GenerationOptions
    let comments: Comments
    var writer = SourceWriter()

    init(_ file: FileDescriptor, in schema: Schema, options: GenerationOptions) {
        self.file = file
        self.schema = schema
        self.options = options
        comments = Comments(file.sourceInfo)
    }

    /// Before a declaration: `public `.
    var access: String { options.visibility.prefix }
    /// So that a codec specialises where the message is used, not only where it is declared.
    var inlinable: [String] { options.visibility == .public ? ["@inlinable"] : [] }
    var package: String { file.package.isEmpty ? "" : "." + file.package }

    /// - Parameter schemaFile: The descriptor in Swift, as ``SchemaFileEmitter`` has written it.
    mutating func emit(schemaFile: String) throws(GenerationError) -> String {
        writer.line("// Written by protoc-gen-martlet from \(file.name). Change that, and generate anew.")
        writer.line()
        let level = options.visibility == .internal ? "internal" : "\(options.visibility)"
        if !file.services.isEmpty { writer.line("\(level) import MartletCore") }
        writer.line("\(level) import MartletWire")
        for module in options.imports.sorted() { writer.line("\(level) import \(module)") }
        for (index, descriptor) in file.enums.enumerated() {
            try emit(descriptor, in: package, path: [5, Int32(index)])
        }
        for (index, descriptor) in file.messages.enumerated() {
            try emit(descriptor, in: package, path: [4, Int32(index)])
        }
        for (index, service) in file.services.enumerated() {
            try emit(service, path: [6, Int32(index)])
        }
        return writer.text + "\n" + schemaFile
    }
}
