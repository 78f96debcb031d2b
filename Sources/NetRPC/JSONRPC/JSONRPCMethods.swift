public import MartletCore
public import MartletWire

/// The methods of a JSON-RPC 2.0 route (https://www.jsonrpc.org/specification), as go-kit's `jsonrpc` transport has it.
///
///     var methods = JSONRPCMethods()
///     methods.method("sum", sum)
///     router.jsonRPC("/rpc", methods)
public struct JSONRPCMethods: Sendable {
    @usableFromInline typealias Handler = @Sendable (JSONValue) async throws -> [UInt8]

    private(set) var handlers: [String: Handler] = [:]

    public init() {}

    /// Mounts an endpoint. A second one of the same name takes the place of the first.
    ///
    /// A message's fields come by name (`"params": {…}`); a value that is no message alone in an array (`"params":
    /// [3]`), as does a message if its caller likes.
    /// - Parameter reply: what is answered, from the argument and what the endpoint returned.
    @inlinable
    public mutating func method<Argument: FieldValue, Response, Reply: FieldValue>(
        _ name: String, _ endpoint: Endpoint<Argument, Response>,
        reply: @escaping @Sendable (Argument, Response) -> Reply
    ) {
        add(name) { params in
            let argument: Argument
            do throws(JSONError) {
                argument = try JSON.decode(from: JSON.encode(params))
            } catch {
                throw JSONRPCError(.invalidParams, error.message)
            }
            return JSON.encode(reply(argument, try await endpoint(argument)))
        }
    }

    /// Mounts an endpoint whose response is the reply.
    @inlinable
    public mutating func method<Argument: FieldValue, Reply: FieldValue>(
        _ name: String, _ endpoint: Endpoint<Argument, Reply>
    ) {
        method(name, endpoint, reply: { _, reply in reply })
    }

    @usableFromInline
    mutating func add(_ name: String, _ handler: @escaping Handler) { handlers[name] = handler }
}

/// What went wrong with one call.
public struct JSONRPCError: Error, Sendable, Equatable {
    /// The codes of the specification, section 5.1.
    public enum Code: Int, Sendable {
        case parse = -32700
        case invalidRequest = -32600
        case methodNotFound = -32601
        case invalidParams = -32602
        case `internal` = -32603
    }

    public var code: Code
    public var message: String
    /// The code of the service's own error, which goes along as `data`.
    public var serviceCode: ServiceError.Code?

    public init(_ code: Code, _ message: String, serviceCode: ServiceError.Code? = nil) {
        self.code = code
        self.message = message
        self.serviceCode = serviceCode
    }

    init(_ error: any Error) {
        if let own = error as? JSONRPCError {
            self = own
            return
        }
        let hidden = ServiceError(hiding: error)
        self.init(
            hidden.code == .invalidArgument ? .invalidParams : .internal, hidden.message, serviceCode: hidden.code)
    }
}
