package import MartletWire

/// Holds itself, and one of everything.
package struct Nest: Message, Equatable {
    package static let messageName = "martlet.test.Nest"
    package var nests: [Nest] = []
    package var all: AllKinds?
    package var containers: Containers?
    package var known: WellKnown?
    package var named: [String: Nest] = [:]

    package init() {}

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "nests", &nests)
        visit.field(2, "all", &all)
        visit.field(3, "containers", &containers)
        visit.field(4, "known", &known)
        visit.field(5, "named", &named)
    }
}
