internal import MartletWire

/// Answers a request of protoc's.
package enum CodeGenerator {
    /// In bytes; large schemas come to a few MiB.
    package static let largestRequest = 64 << 20
    static let limits = ProtobufLimits(size: largestRequest)

    /// The request and the answer in protobuf, as they cross standard input and output.
    package static func answer(_ request: [UInt8]) -> [UInt8] {
        var response = CodeGeneratorResponse()
        do throws(GenerationError) {
            response.files = try files(for: try decode(CodeGeneratorRequest.self, request, "the request"))
        } catch {
            response.error = error.description
        }
        return Protobuf.encode(response)
    }

    package static func files(
        for request: CodeGeneratorRequest
    ) throws(GenerationError) -> [CodeGeneratorResponse.File] {
        let options = try GenerationOptions(parameter: request.parameter)
        var files: [FileDescriptor] = []
        var compiled: [String: (bytes: [UInt8], imports: [String])] = [:]
        let wanted = Set(request.filesToGenerate)
        for (index, bytes) in request.files.enumerated() {
            let file = try decode(FileDescriptor.self, bytes, "file \(index + 1) of the request")
            guard compiled.updateValue((bytes, file.imports), forKey: file.name) == nil else {
                throw GenerationError(file: file.name, message: "the request has the file twice")
            }
            // protoc sends first what others import: so there are no circles either.
            if let missing = file.imports.first(where: { compiled[$0] == nil || $0 == file.name }) {
                throw GenerationError(
                    file: file.name, message: "the import \(missing.debugDescription) is not in the request before it")
            }
            if wanted.contains(file.name) { try check(file) }
            files.append(file)
        }
        if let missing = request.filesToGenerate.first(where: { compiled[$0] == nil }) {
            throw GenerationError(file: missing, message: "the file is not in the request")
        }
        let schema = try Schema(files)
        try checkNames(files.filter { wanted.contains($0.name) }, in: schema)
        let embedding = SchemaFileEmitter(files: compiled, generated: wanted, options: options)
        var results: [CodeGeneratorResponse.File] = []
        for file in files where wanted.contains(file.name) {
            var emitter = FileEmitter(file, in: schema, options: options)
            let text = try emitter.emit(schemaFile: try embedding.emit(file.name))
            results.append(.init(name: swiftPath(of: file.name), content: text))
        }
        return results
    }

    /// `logs.proto` as `logs.martlet.swift`
    private static func swiftPath(of file: String) -> String {
        (file.hasSuffix(".proto") ? String(file.dropLast(6)) : file) + ".martlet.swift"
    }

    // MARK: Checks

    private static func check(_ file: FileDescriptor) throws(GenerationError) {
        guard file.syntax == "proto3" else {
            let syntax =
                switch file.syntax {
                case "", "proto2": "proto2"
                case "editions": "an edition of protobuf"
                default: "syntax \(file.syntax.debugDescription)"
                }
            throw GenerationError(file: file.name, message: "this is \(syntax), and only proto3 can be generated from")
        }
        let isPath = !file.name.isEmpty && file.name.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != 0x5C }
        guard isPath, !file.name.hasPrefix("/"), !file.name.split(separator: "/").contains("..") else {
            throw GenerationError(
                file: file.name.debugDescription, message: "this is no path of a file to generate from")
        }
    }

    /// Swift has no packages: what is generated at once stands side by side.
    private static func checkNames(_ files: [FileDescriptor], in schema: Schema) throws(GenerationError) {
        var owners: [String: String] = [:]
        for file in files {
            let package = file.package.isEmpty ? "." : "." + file.package + "."
            var names = (file.messages.map(\.name) + file.enums.map(\.name)).compactMap { schema.types[package + $0] }
                .filter { if case .wellKnown = $0.content { false } else { true } }.map(\.swiftName)
            names += file.services.compactMap { schema.services[package + $0.name]?.table }
            for name in names {
                if let other = owners.updateValue(file.name, forKey: name) {
                    throw GenerationError(
                        file: file.name,
                        message: "\(name) is also what \(other) has: give one of the files an option swift_prefix")
                }
            }
        }
    }

    private static func decode<Value: Message>(
        _ type: Value.Type, _ bytes: [UInt8], _ what: String
    ) throws(GenerationError) -> Value {
        do throws(ProtobufError) {
            return try Protobuf.decode(type, from: bytes, limits: limits)
        } catch {
            throw GenerationError(file: "", message: "\(what) cannot be read: \(error)")
        }
    }
}
