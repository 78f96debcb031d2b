internal import MartletCore
internal import MartletWire

/// A JSON-RPC document, a call or a batch of them, from its bytes to the bytes of its answer. Knows no HTTP.
struct JSONRPCDocument {
    /// Of a batch; with more, nothing of it is done.
    static let batchLimit = 100

    let methods: JSONRPCMethods

    /// Nil when there is nothing to answer: notifications only.
    func answer(_ body: [UInt8]) async -> [UInt8]? {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSON.decode(from: body)
        } catch {
            return Self.failure(JSONRPCError(.parse, error.message), id: .null)
        }
        guard case .array(let calls) = document else { return await answer(document) }
        guard !calls.isEmpty else { return Self.failure(JSONRPCError(.invalidRequest, "an empty batch"), id: .null) }
        guard calls.count <= Self.batchLimit else {
            return Self.failure(
                JSONRPCError(.invalidRequest, "a batch has at most \(Self.batchLimit) calls"), id: .null)
        }
        var answers: [UInt8] = []
        for call in calls {
            guard let answer = await answer(call) else { continue }
            answers.append(answers.isEmpty ? UInt8(ascii: "[") : UInt8(ascii: ","))
            answers += answer
        }
        return answers.isEmpty ? nil : answers + [UInt8(ascii: "]")]
    }

    private func answer(_ call: JSONValue) async -> [UInt8]? {
        // Without an id it is a notification, which is not answered, whatever becomes of it; but what is no call at all
        // is answered without one.
        let id = call["id"]
        do {
            if let id { try Self.check(id) }
            guard case .object = call, call["jsonrpc"] == .string("2.0"), case .string(let name)? = call["method"]
            else {
                throw JSONRPCError(.invalidRequest, "not a JSON-RPC 2.0 request")
            }
            guard let handler = methods.handlers[name] else {
                throw JSONRPCError(.methodNotFound, "Method \(name) was not found.")
            }
            let result = try await handler(try Self.params(call["params"]))
            return id.map { Self.success(result, id: $0) }
        } catch {
            let failure = JSONRPCError(error)
            guard id != nil || failure.code == .invalidRequest else { return nil }
            return Self.failure(failure, id: Self.isID(id) ? id ?? .null : .null)
        }
    }

    private static func isID(_ id: JSONValue?) -> Bool {
        switch id {
        case .string, .integer, .number, .null: true
        default: false
        }
    }

    private static func check(_ id: JSONValue) throws(JSONRPCError) {
        guard isID(id) else { throw JSONRPCError(.invalidRequest, "an id is a string, a number or null") }
    }

    /// The one argument: fields by name, or what stands alone in an array.
    private static func params(_ params: JSONValue?) throws(JSONRPCError) -> JSONValue {
        switch params {
        case nil: return .null
        case .object?: return params ?? .null
        case .array(let elements)? where elements.count <= 1: return elements.first ?? .null
        default: throw JSONRPCError(.invalidParams, "params must be an object, or an array of one argument")
        }
    }

    private static func success(_ result: [UInt8], id: JSONValue) -> [UInt8] {
        Array(#"{"jsonrpc":"2.0","result":"#.utf8) + result + Array(#","id":"#.utf8) + JSON.encode(id)
            + Array("}".utf8)
    }

    private static func failure(_ error: JSONRPCError, id: JSONValue) -> [UInt8] {
        var members = [
            JSONObject.Member(key: "code", value: .integer(Int64(error.code.rawValue))),
            JSONObject.Member(key: "message", value: .string(error.message)),
        ]
        if let code = error.serviceCode {
            members.append(JSONObject.Member(key: "data", value: ["code": .string(code.rawValue)]))
        }
        return Array(#"{"jsonrpc":"2.0","error":"#.utf8) + JSON.encode(JSONValue.object(JSONObject(members)))
            + Array(#","id":"#.utf8) + JSON.encode(id) + Array("}".utf8)
    }
}
