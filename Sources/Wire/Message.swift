// Wire: what crosses a service's border, and in which bytes. A `Message` describes its fields once; each encoding is a
// visitor over that description. Bytes in, values out, and back: no sockets, no framing, no HTTP. What a message means,
// and the envelope an answer travels in, belong to the rooms above.

/// A value with numbered, named fields that can be written in every encoding of this room.
///
///     struct LogEntry: Message {
///         static let messageName = "logs.Log"
///         var name = ""
///         var data = ""
///
///         mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
///             visit.field(1, "name", &name)
///             visit.field(2, "data", &data)
///         }
///     }
///
/// The description neither throws nor returns anything: a visitor that reads keeps what went wrong to itself until the
/// whole value is done. It must visit the same fields in the same order whatever the values are; a reader may go
/// through it more than once.
///
/// A oneof is an enumeration with payloads, and a computed optional property for each of its cases; the setter replaces
/// the case. The members share an index, 1 to 63, which is all that tells proto3 JSON that two of them exclude each
/// other:
///
///     enum Subject: Sendable { case user(User), group(String) }
///     var subject: Subject?
///     var group: String? {
///         get { if case .group(let group) = subject { group } else { nil } }
///         set { if let newValue { subject = .group(newValue) } else if case .group = subject { subject = nil } }
///     }
///     visit.field(4, "user", &user, .oneof(1))
///     visit.field(5, "group", &group, .oneof(1))
///
/// A member with arrays or maps in it wants `_modify` in place of `set`, which takes the payload out of the case, yields
/// it and puts it back: otherwise a message that comes in many pieces is copied for each of them. The same shape, over
/// an array of one element, makes a field of the message's own type.
public protocol Message: MessageValue {
    /// The zero value: what an empty document stands for.
    init()

    /// The one description of the fields, for reading and for writing.
    mutating func visitFields<V: FieldVisitor>(_ visit: inout V)
}

/// A value that protobuf encodes as a message: every ``Message``, and ``Timestamp``, `Duration`, ``JSONValue``,
/// ``JSONObject`` and ``JSONArray``, whose fields no description lists.
public protocol MessageValue: FieldValue {
    /// The schema's name for the type, with its package if it has one: `logs.Log`, `RequestPayload`. Error texts show
    /// it.
    static var messageName: String { get }
}

extension Message {
    @inlinable
    public static var fieldDefault: Self { Self() }

    /// `main.RequestPayload`, `logs.Log`: as Go writes a type, which always has a package.
    public static var typeName: String { messageName.utf8.contains(0x2E) ? messageName : "main." + messageName }

    /// A nested message is never empty (Go's `omitempty` leaves structs alone); make it optional to leave it out.
    @inlinable
    public var isEmptyField: Bool { false }

    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.message(&self) }
}
