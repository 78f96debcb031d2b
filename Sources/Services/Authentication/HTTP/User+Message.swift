internal import MartletWire

/// As the original writes a user (contracts, course A.4): this order, names left out when there are none.
extension User: Message {
    static let messageName = "User"

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "id", &id)
        visit.field(2, "email", &email)
        visit.field(3, "first_name", &firstName, .omitEmpty)
        visit.field(4, "last_name", &lastName, .omitEmpty)
        visit.field(5, "active", &active)
        visit.field(6, "created_at", &createdAt)
        visit.field(7, "updated_at", &updatedAt)
    }
}
