package import MartletWire

/// A message as people read it.
package struct ReadMail: Sendable, Hashable {
    package struct Field: Message, Hashable {
        package static let messageName = "HeaderField"
        package var name = ""
        /// Decoded.
        package var value = ""

        package init() {}

        package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "name", &name)
            visit.field(2, "value", &value)
        }
    }

    package struct Attachment: Message, Hashable {
        package static let messageName = "Attachment"
        /// From 0, in the order of the message.
        package var number = 0
        /// As the sender gave it; empty when there is none. Not to be used as a path.
        package var name = ""
        /// `image/png`, as the sender says.
        package var type = ""
        /// In bytes, decoded.
        package var size = 0

        package init() {}

        package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "number", &number)
            visit.field(2, "name", &name)
            visit.field(3, "type", &type)
            visit.field(4, "size", &size)
        }
    }

    package var fields: [Field] = []
    /// Nil when the message has no such part.
    package var plain: String?
    package var html: String?
    package var attachments: [Attachment] = []
    /// Parts were left out because there are too many, or they lie too deep.
    package var isCut = false

    package init() {}

    /// The first field of this name; empty when there is none.
    package func field(_ name: String) -> String {
        fields.first { $0.name.lowercased() == name }?.value ?? ""
    }
}
