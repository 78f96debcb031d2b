internal import MartletCore
public import MartletHTTP
public import MartletWire

/// Which parts of an HTTP request become which fields of a message.
@usableFromInline
struct RESTBinding: Sendable {
    @usableFromInline let body: String
    /// What the path has in braces.
    @usableFromInline let parameters: [String]

    @usableFromInline
    init(_ route: RPCRoute) {
        body = route.body
        parameters = route.path.split(separator: "/").compactMap { segment in
            segment.first == "{" && segment.last == "}" ? String(segment.dropFirst().dropLast()) : nil
        }
    }

    /// Whether the message has the fields that the route names.
    @inlinable
    func fits<Request: Message>(_ type: Request.Type) -> Bool {
        let fields = body.isEmpty || body == "*" ? parameters : parameters + [body]
        return fields.allSatisfy { field in
            var request = Request()
            var assigner = RESTFieldAssigner(field, .nothing)
            request.visitFields(&assigner)
            return assigner.outcome == .assigned
        }
    }

    /// - Throws: `invalidArgument` that names the parameter, or says what is wrong with the body.
    @inlinable
    func read<Request: Message>(_ type: Request.Type, from http: HTTPRequest) async throws -> Request {
        var request = Request()
        let bytes = body.isEmpty ? [] : try await http.body.collect(upTo: .max)
        if body == "*" {
            // An empty body stands for a request of defaults.
            if !bytes.isEmpty { try Self.read(&request, from: bytes) }
        } else {
            for (name, values) in Self.query(of: http) { try Self.assign(&request, name, .texts(values)) }
            // After the query, which cannot change what is in the body.
            if !bytes.isEmpty { try Self.assign(&request, body, .json(bytes)) }
        }
        for name in parameters { try Self.assign(&request, name, .texts([http.parameters[name] ?? ""])) }
        return request
    }

    @inlinable
    static func read<Request: Message>(_ request: inout Request, from bytes: [UInt8]) throws {
        do throws(JSONError) {
            request = try JSON.decode(Request.self, from: bytes, options: .proto3)
        } catch {
            throw refusal(error.message)
        }
    }

    @inlinable
    static func assign<Request: Message>(
        _ request: inout Request, _ name: String, _ source: RESTFieldAssigner.Source
    ) throws {
        var assigner = RESTFieldAssigner(name, source)
        request.visitFields(&assigner)
        switch assigner.outcome {
        case .assigned: break
        case .unknown: throw refusal("there is no parameter \(shown(name))")
        case .refused(let why): throw refusal(why)
        }
    }

    /// The values of each parameter, in the order of their first ones.
    @usableFromInline
    static func query(of http: HTTPRequest) -> [(name: String, values: [String])] {
        var pairs: [(name: String, values: [String])] = []
        var places: [String: Int] = [:]
        for (name, value) in http.query.pairs {
            if let place = places[name] {
                pairs[place].values.append(value)
            } else {
                places[name] = pairs.count
                pairs.append((name, [value]))
            }
        }
        return pairs
    }

    @usableFromInline
    static func refusal(_ message: String) -> any Error { ServiceError(.invalidArgument, message) }

    /// What somebody sent, for an error text.
    @usableFromInline
    static func shown(_ name: String) -> String { name.prefix(100).debugDescription }
}
