public import MartletWire

/// The answer of every JSON route of the course system: `{"error":…,"message":…,"data":…}`, in this order, `data` left
/// out when there is none (contracts, course A.2).
public struct Envelope<Payload: FieldValue>: Message {
    public static var messageName: String { "jsonResponse" }

    public var error: Bool
    public var message: String
    public var data: Payload?

    public init() {
        error = false
        message = ""
    }

    public init(error: Bool = false, message: String, data: Payload? = nil) {
        self.error = error
        self.message = message
        self.data = data
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "error", &error)
        visit.field(2, "message", &message)
        visit.field(3, "data", &data, .omitEmpty)
    }
}

/// An envelope whose data, if any, is not looked at.
public typealias PlainEnvelope = Envelope<JSONValue>
