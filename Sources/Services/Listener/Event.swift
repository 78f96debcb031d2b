// The listener: takes events from the bus and hands each to the service that it concerns. It keeps nothing: an event
// stays on the bus until it has been dealt with.

internal import MartletWire

/// What is published under `log.INFO`, `log.WARNING` and `log.ERROR`: `{"name","data"}` (contracts, course A.7). The
/// logger takes the same.
struct Event: Message, Hashable {
    static let messageName = "Payload"

    var name = ""
    var data = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
    }
}
