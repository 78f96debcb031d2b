package import MartletWire

/// A small message.
package struct Leaf: Message, Hashable {
    package static let messageName = "martlet.test.Leaf"
    package var name = ""
    package var number: Int32 = 0
    package var tags: [String] = []

    package init(name: String, number: Int32 = 0, tags: [String] = []) {
        self.name = name
        self.number = number
        self.tags = tags
    }

    package init(number: Int32) { self.number = number }

    package init() {}

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "number", &number)
        visit.field(3, "tags", &tags)
    }
}
