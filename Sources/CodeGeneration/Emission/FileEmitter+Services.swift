/// A method as generated code has it.
private struct Call {
    let schemaName: String
    let table: String
    let client: String
    let path: String
    let request: String
    let response: String
    /// A case of `RPCKind`.
    let kind: String
    let routes: [String]
    let comments: [String]

    var isUnary: Bool { kind == "unary" }
    var endpoint: String {
        isUnary ? "Endpoint<\(request), \(response)>" : "Endpoint<RPCStream<\(request), \(response)>, Void>"
    }
}

extension FileEmitter {
    mutating func emit(_ service: ServiceDescriptor, path: [Int32]) throws(GenerationError) {
        let fullName = package + "." + service.name
        guard let names = schema.services[fullName] else { return }
        var tableScope = NameScope(NameScope.ofService)
        var clientScope = NameScope(NameScope.ofClient)
        var calls: [Call] = []
        for (index, method) in service.methods.enumerated() {
            let kind =
                switch (method.isClientStreaming, method.isServerStreaming) {
                case (false, false): "unary"
                case (true, false): "clientStreaming"
                case (false, true): "serverStreaming"
                case (true, true): "bidirectional"
                }
            calls.append(
                Call(
                    schemaName: method.name,
                    table: Identifier.quoted(tableScope.claim(Identifier.member(method.name), orWith: "Method")),
                    client: Identifier.quoted(clientScope.claim(Identifier.member(method.name), orWith: "Method")),
                    path: "/\(fullName.dropFirst())/\(method.name)", request: try message(method.input),
                    response: try message(method.output), kind: kind,
                    routes: try routes(of: method, "\(fullName.dropFirst()).\(method.name)", isUnary: kind == "unary"),
                    comments: comments.lines(
                        at: path + [2, Int32(index)], isDeprecated: method.options.isDeprecated)))
        }
        let about = comments.lines(at: path)
        emitMethods(names.methods, calls, about: about)
        emitTable(names.table, names.methods, String(fullName.dropFirst()), calls, about: about)
        emitClient(names.client, calls, about: about)
    }

    private func message(_ name: String) throws(GenerationError) -> String {
        let type = try schema.type(name, in: file.name)
        // What Wire has no `Message` for cannot be a whole request: its JSON is no object.
        let hasFields =
            ["Empty", "AnyMessage", "FieldMask"].contains(type.swiftName) || type.swiftName.hasSuffix("Value")
        if case .wellKnown = type.content, type.isEnum || !hasFields || type.swiftName == "JSONValue" {
            throw GenerationError(file: file.name, message: "\(name.dropFirst()) cannot be a request or a response")
        }
        guard !type.isEnum else {
            throw GenerationError(file: file.name, message: "\(name.dropFirst()) is no message")
        }
        return type.swiftName
    }

    private func routes(
        of method: ServiceDescriptor.Method, _ name: String, isUnary: Bool
    ) throws(GenerationError) -> [String] {
        guard let rule = method.options.http, isUnary else { return [] }
        var routes: [String] = []
        for rule in [rule] + rule.additional {
            guard let route = rule.route else {
                throw GenerationError(file: file.name, message: "\(name): an annotation google.api.http without a path")
            }
            guard rule.responseBody.isEmpty else {
                throw GenerationError(file: file.name, message: "\(name): response_body is not supported")
            }
            let isToken = !route.method.isEmpty && route.method.utf8.allSatisfy { $0 &- 0x21 < 0x5E }
            guard isToken, route.path.hasPrefix("/"),
                rule.body == "*" || rule.body.isEmpty || Identifier.isValid(rule.body)
            else {
                throw GenerationError(file: file.name, message: "\(name): \(route.path.debugDescription) is no route")
            }
            try check(route.path, rule.body, method.input, name)
            let body = rule.body.isEmpty ? "" : ", body: \"\(rule.body)\""
            routes.append("RPCRoute(\(literal(route.method)), \(literal(route.path))\(body))")
        }
        return routes
    }

    /// What a route names must be a field of the request: `id`, `place.room`.
    private func check(_ path: String, _ body: String, _ input: String, _ name: String) throws(GenerationError) {
        var fields = path.split(separator: "/").filter { $0.first == "{" && $0.last == "}" }.map {
            String($0.dropFirst().dropLast())
        }
        if body != "*", !body.isEmpty { fields.append(body) }
        for field in fields {
            var type = input
            for part in field.split(separator: ".", omittingEmptySubsequences: false) {
                guard case .message(let descriptor)? = schema.types[type]?.content,
                    let next = descriptor.fields.first(where: { $0.name == part })
                else {
                    throw GenerationError(
                        file: file.name, message: "\(name): \(input.dropFirst()) has no field \(literal(field))")
                }
                type = next.isRepeated ? "" : next.typeName
            }
        }
    }

    private func literal(_ text: String) -> String { text.debugDescription }

    // MARK: What a service does

    private mutating func emitMethods(_ name: String, _ calls: [Call], about: [String]) {
        writer.line()
        writer.lines(about)
        writer.block("\(access)protocol \(name): Sendable") { writer in
            for call in calls {
                writer.lines(call.comments)
                if call.isUnary {
                    writer.line("func \(call.table)(_ request: \(call.request)) async throws -> \(call.response)")
                } else {
                    writer.line(
                        "func \(call.table)(_ stream: RPCStream<\(call.request), \(call.response)>) async throws")
                }
            }
        }
    }

    // MARK: The endpoints

    private mutating func emitTable(
        _ name: String, _ methods: String, _ serviceName: String, _ calls: [Call], about: [String]
    ) {
        let (access, inlinable) = (access, inlinable)
        let schemaName = SchemaFileEmitter.swiftName(of: file.name)
        writer.line()
        writer.lines(about)
        writer.block("\(access)struct \(name): RPCService") { writer in
            writer.line("\(access)static let serviceName = \"\(serviceName)\"")
            writer.line("\(access)static var schema: SchemaFile? { .\(schemaName) }")
            if !calls.isEmpty { writer.line() }
            for call in calls {
                writer.lines(call.comments)
                writer.line("\(access)var \(call.table): \(call.endpoint)")
            }
            if !calls.isEmpty {
                writer.line()
                writer.function("\(access)init", calls.map { "\($0.table): \($0.endpoint)" }) { writer in
                    for call in calls { writer.line("self.\(call.table) = \(call.table)") }
                }
            }
            writer.line()
            writer.line("/// An endpoint for each method.")
            writer.block("\(access)init(_ methods: some \(methods))") { writer in
                for call in calls {
                    let body = "try await methods.\(call.table)($0)"
                    writer.braces(
                        "self.\(call.table) = Endpoint(\"\(Self.unquoted(call.table))\")", body, orLines: [body])
                }
            }
            writer.line()
            writer.lines(inlinable)
            writer.block("\(access)func visitMethods<V: RPCMethodVisitor>(_ visit: inout V)") { writer in
                for call in calls {
                    writer.call(call.isUnary ? "visit.unary" : "visit.streaming", Self.arguments(call))
                }
            }
        }
    }

    private static func arguments(_ call: Call) -> [String] {
        let own = call.table == "visit" ? "self.visit" : call.table
        let arguments = ["\"\(call.schemaName)\"", own]
        if !call.isUnary { return arguments + ["kind: .\(call.kind)"] }
        return call.routes.isEmpty ? arguments : arguments + ["routes: [\(call.routes.joined(separator: ", "))]"]
    }

    private static func unquoted(_ name: String) -> String { name.filter { $0 != "`" } }

    // MARK: The client

    private mutating func emitClient(_ name: String, _ calls: [Call], about: [String]) {
        let (access, inlinable) = (access, inlinable)
        writer.line()
        writer.lines(about)
        writer.block("\(access)struct \(name)<Channel: RPCChannel>: Sendable") { writer in
            writer.line("\(access)let channel: Channel")
            writer.line()
            writer.line("\(access)init(_ channel: Channel) { self.channel = channel }")
            for call in calls {
                writer.line()
                writer.lines(call.comments)
                writer.lines(inlinable)
                Self.emit(call, access, to: &writer)
            }
        }
    }

    private static func emit(_ call: Call, _ access: String, to writer: inout SourceWriter) {
        let (path, request, response) = ("\"\(call.path)\"", "_ request: \(call.request)", "\(call.response).self")
        let head = "\(access)func \(call.client)"
        switch call.kind {
        case "unary":
            writer.function(head, [request], " async throws -> \(call.response)") {
                $0.call("try await channel.unary", [path, "request", "as: \(response)"])
            }
        case "clientStreaming":
            let body = "_ body: (RequestSink<\(call.request)>) async throws -> Void"
            writer.function(head, [body], " async throws -> \(call.response)") {
                $0.call("try await channel.clientStreaming", [path, "\(call.request).self", "as: \(response)", "body"])
            }
        case "serverStreaming":
            let body = "_ body: (MessageSource<\(call.response)>) async throws -> Result"
            writer.function(head + "<Result: Sendable>", [request, body], " async throws -> Result") {
                $0.call("try await channel.serverStreaming", [path, "request", "as: \(response)", "body"])
            }
        default:
            let body = "_ body: (RPCCall<\(call.request), \(call.response)>) async throws -> Result"
            writer.function(head + "<Result: Sendable>", [body], " async throws -> Result") {
                $0.call(
                    "try await channel.streaming",
                    [path, "kind: .bidirectional", "\(call.request).self", response, "body"])
            }
        }
    }
}
