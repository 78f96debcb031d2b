import GeneratedCode
import MartletWire
import Testing

@testable import MartletCodeGeneration

@Suite("What cannot be generated from")
struct RefusalTests {
    @Test("proto2 is refused, and the file named")
    func proto2() throws {
        let result = try Plugin.generate(["old.proto": "syntax = \"proto2\"; message A { optional int32 a = 1; }"])
        #expect(result.errors.contains("old.proto: this is proto2, and only proto3 can be generated from"))
        #expect(result.files.isEmpty)
    }

    @Test("a schema may mean messages of proto2 that others generate")
    func importedProto2() throws {
        let text =
            "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\"; "
            + "message A { google.protobuf.FileDescriptorProto file = 1; }"
        let result = try Plugin.generate(["a.proto": text])
        #expect(result.errors == "")
        #expect(result.files["a.martlet.swift"]?.contains("var file: FileDescriptorProto?") == true)
    }

    @Test("an unknown option of the generator is refused with those that there are")
    func options() throws {
        let schema = ["a.proto": "syntax = \"proto3\"; message A {}"]
        #expect(
            try Plugin.generate(schema, options: "style=old").errors.contains("there are visibility=… and import=…"))
        #expect(try Plugin.generate(schema, options: "visibility=open").errors.contains("internal, package or public"))
        let result = try Plugin.generate(schema, options: "visibility=package,import=Models")
        #expect(result.files["a.martlet.swift"]?.contains("package import Models\n") == true)
    }

    @Test("two files with one name in Swift are refused; a prefix keeps them apart")
    func clashes() throws {
        let first = "syntax = \"proto3\"; package a; message Log {}"
        let second = "syntax = \"proto3\"; package b; message Log {} message More { Log log = 1; }"
        let clash = try Plugin.generate(["a.proto": first, "b.proto": second])
        #expect(
            clash.errors.contains("b.proto: Log is also what a.proto has: give one of the files an option swift_prefix")
        )
        let prefixed =
            "syntax = \"proto3\"; package b; option swift_prefix = \"B\"; message Log {} message More { Log log = 1; }"
        let result = try Plugin.generate(["a.proto": first, "b.proto": prefixed])
        #expect(result.errors == "")
        #expect(result.files["b.martlet.swift"]?.contains("struct BMore: Message, Hashable {") == true)
        #expect(result.files["b.martlet.swift"]?.contains("var log: BLog?") == true)
    }

    @Test("of the annotation, what the router cannot do is refused")
    func annotations() throws {
        func errors(_ rule: String) throws -> String {
            let text =
                "syntax = \"proto3\"; import \"google/api/annotations.proto\"; message A {} "
                + "service S { rpc Get(A) returns (A) { option (google.api.http) = { \(rule) }; } }"
            return try Plugin.generate(["a.proto": text]).errors
        }
        #expect(
            try errors("get: \"/a\" response_body: \"b\"").contains("a.proto: S.Get: response_body is not supported"))
        #expect(try errors("get: \"a\"").contains("a.proto: S.Get: \"a\" is no route"))
        #expect(try errors("body: \"*\"").contains("a.proto: S.Get: an annotation google.api.http without a path"))
        #expect(try errors("get: \"/{b}\"").contains("a.proto: S.Get: A has no field \"b\""))
        #expect(try errors("post: \"/\" body: \"b.c\"").contains("is no route"))
        #expect(try errors("post: \"/\" body: \"b\"").contains("a.proto: S.Get: A has no field \"b\""))
        #expect(try errors("custom { kind: \"HEAD\" path: \"/a\" }") == "")
    }

    // MARK: Requests that no protoc sends

    private func error(_ change: (inout FileDescriptor) -> Void) -> String? {
        var file = FileDescriptor()
        file.name = "a.proto"
        file.syntax = "proto3"
        var message = MessageDescriptor()
        message.name = "A"
        file.messages = [message]
        change(&file)
        var request = CodeGeneratorRequest()
        request.filesToGenerate = [file.name]
        request.files = [Protobuf.encode(file)]
        do throws(GenerationError) {
            _ = try CodeGenerator.files(for: request)
            return nil
        } catch {
            return error.description
        }
    }

    private func field(_ change: (inout FieldDescriptor) -> Void) -> FieldDescriptor {
        var field = FieldDescriptor()
        (field.name, field.number, field.label, field.kind) = ("a", 1, 1, 9)
        change(&field)
        return field
    }

    @Test("a syntax that is none, and an edition, are refused")
    func syntaxes() {
        #expect(error { _ in } == nil)
        #expect(
            error { $0.syntax = "editions" }
                == "a.proto: this is an edition of protobuf, and only proto3 can be generated from")
        #expect(error { $0.syntax = "" }?.contains("this is proto2") == true)
        #expect(error { $0.syntax = "proto4" }?.contains("syntax \"proto4\"") == true)
    }

    @Test(
        "a name that could get code into the program is refused wherever it stands",
        arguments: ["", "a b", "a\"", "a\n", "a}", "1a", "é"])
    func names(name: String) {
        #expect(error { $0.messages[0].name = name }?.hasSuffix("is not a name") == true)
        #expect(error { $0.messages[0].fields = [field { $0.name = name }] }?.hasSuffix("is not a name") == true)
        #expect(error { $0.package = "a.\(name)" }?.hasSuffix("is not a name") == true)
        if !name.isEmpty { #expect(error { $0.options.swiftPrefix = name } != nil) }
    }

    @Test("a name in JSON is printable, without quotes and backslashes")
    func jsonNames() {
        for name in ["\"", "\\(exit(1))", "\n", "é"] {
            #expect(error { $0.messages[0].fields = [field { $0.jsonName = name }] }?.contains("json_name") == true)
        }
    }

    @Test("a file's name that leaves the folder, or is no path, is refused")
    func paths() {
        for name in ["", "/etc/a.proto", "a/../../b.proto", "a\nb.proto", "a\\b.proto"] {
            #expect(error { $0.name = name }?.contains("no path") == true, "\(name)")
        }
    }

    @Test("fields with numbers and types that there are not are refused, and named")
    func fields() {
        func fieldError(_ change: (inout FieldDescriptor) -> Void) -> String? {
            error { $0.messages[0].fields = [field(change)] }
        }
        #expect(fieldError { $0.number = 0 }?.contains("A: field a has the number 0") == true)
        #expect(fieldError { $0.number = .max }?.contains("number") == true)
        #expect(fieldError { $0.kind = 10 }?.contains("A.a: proto3 has no type 10") == true)
        #expect(fieldError { ($0.kind, $0.typeName) = (11, ".B") } == "a.proto: there is no type .B")
        #expect(fieldError { ($0.kind, $0.typeName) = (14, ".A") } == "a.proto: A.a: .A is of another kind")
        #expect(fieldError { $0.oneofIndex = 3 } == "a.proto: A: there is no oneof 3")
        #expect(fieldError { $0.oneofIndex = -1 } == "a.proto: A: there is no oneof -1")
        #expect(error { $0.messages[0].fields = [field { _ in }, field { $0.name = "b" }] }?.contains("taken") == true)
    }

    @Test("a type or a file that is there twice, or that nobody sent, is refused")
    func duplicates() {
        #expect(error { $0.messages.append($0.messages[0]) } == "a.proto: A is declared twice")
        #expect(error { $0.imports = ["b.proto"] } == "a.proto: the import \"b.proto\" is not in the request before it")
        #expect(error { $0.imports = ["a.proto"] }?.contains("not in the request before it") == true)
        var request = CodeGeneratorRequest()
        request.filesToGenerate = ["b.proto"]
        #expect(throws: GenerationError(file: "b.proto", message: "the file is not in the request")) {
            try CodeGenerator.files(for: request)
        }
    }

    @Test("what is no request is answered with an error, not with a crash")
    func noise() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try Protobuf.decode(CodeGeneratorResponse.self, from: CodeGenerator.answer(bytes))
        }
        let answer = try Protobuf.decode(CodeGeneratorResponse.self, from: CodeGenerator.answer([0x0A, 5]))
        #expect(answer.error?.hasPrefix("the request cannot be read: protobuf:") == true)
    }

    @Test("a damaged request is answered: with files or with an error")
    func damage() throws {
        var request = CodeGeneratorRequest()
        request.filesToGenerate = ["names.proto", "calls.proto"]
        func add(_ file: SchemaFile) {
            for imported in file.imports { add(imported) }
            if !request.files.contains(file.descriptor) { request.files.append(file.descriptor) }
        }
        add(try #require(Items.schema))
        let bytes = Protobuf.encode(request)
        let whole = try Protobuf.decode(CodeGeneratorResponse.self, from: CodeGenerator.answer(bytes))
        #expect(whole.error == nil)
        #expect(whole.files.map(\.name) == ["names.martlet.swift", "calls.martlet.swift"])
        var random = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            var damaged = bytes
            for _ in 0..<3 {
                damaged[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            let answer = try Protobuf.decode(CodeGeneratorResponse.self, from: CodeGenerator.answer(damaged))
            #expect((answer.error == nil) == !answer.files.isEmpty)
        }
    }

    @Test("a comment cannot leave its line")
    func comments() throws {
        let text =
            "syntax = \"proto3\";\n// One.\r\u{0B}exit(1)\u{85}exit(2)\u{2028}exit(3)\n//\n//   indented */\nmessage A {}\n"
        let result = try Plugin.generate(["a.proto": text])
        let written = try #require(result.files["a.martlet.swift"])
        for line in written.split(whereSeparator: \.isNewline) where line.contains("exit") {
            #expect(line.hasPrefix("/// "), "\(line)")
        }
        #expect(written.contains("///   indented */\n"))
    }
}
