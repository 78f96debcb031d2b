/// A message that proto3 JSON writes in a form of its own, not as an object of its fields. Everything else sees the
/// fields.
public protocol WellKnownMessage: Message {
    /// Visits one value that has the form's JSON. False when what was read is not valid.
    mutating func visitJSONForm<V: FieldVisitor>(with visitor: inout V) -> Bool
}

extension WellKnownMessage {
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.wellKnown(&self) }
}
