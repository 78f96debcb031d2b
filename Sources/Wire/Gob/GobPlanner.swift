/// Compares a local type, through its description, with the sender's, and makes the plans for its messages.
///
/// As in Go, all of a type is compared before the first value of it is read, so that a mismatch shows whatever fields a
/// value happens to have.
struct GobPlanner: FieldVisitor {
    let decoder: GobDecoder
    /// The sender's type for the value that is visited.
    var type: Int
    /// The field of the message at hand that is looked at, and the one that is being visited.
    private var wanted = -1
    private var place = -1
    private(set) var depth: Int

    /// The kinds do not fit.
    private(set) var isMismatch = false
    /// What else is wrong, in Go's words.
    private(set) var failure: String?
    /// The plan of the message in the value.
    private(set) var plan: UnsafeMutablePointer<GobPlan>?

    init(_ decoder: GobDecoder, type: Int, depth: Int) {
        self.decoder = decoder
        self.type = type
        self.depth = depth
    }

    // MARK: Messages

    /// The slots for the fields of `structure`, in its order: the first thing wrong is the one that is reported.
    mutating func slots<Value: Message>(
        for structure: [GobDefinition.Field], named name: String, in type: Value.Type
    ) -> (slots: [GobPlan.Slot], hasTimes: Bool)? {
        var collector = GobFieldNames()
        var value = Value()
        value.visitFields(&collector)
        var slots: [GobPlan.Slot] = []
        var hasTimes = false
        for field in structure {
            guard !field.name.isEmpty else {
                failure = "gob: empty name for remote field of type \(name)"
                return nil
            }
            guard let place = collector.names.firstIndex(of: field.name) else {
                guard decoder.isDefined(field.type) else {
                    failure = "gob: bad data: undefined type \(field.type)"
                    return nil
                }
                slots.append(GobPlan.Slot(place: -1, type: field.type, plan: nil))
                continue
            }
            var probe = GobPlanner(decoder, type: field.type, depth: depth)
            probe.wanted = place
            value.visitFields(&probe)
            if let text = probe.failure {
                failure = text
                return nil
            }
            if probe.isMismatch {
                failure = "gob: wrong type (\(probe.localType)) for received field \(name).\(field.name)"
                return nil
            }
            hasTimes = hasTimes || probe.isTime
            slots.append(GobPlan.Slot(place: place, type: field.type, plan: probe.plan))
        }
        return (slots, hasTimes)
    }

    private var localType = ""
    private var isTime = false

    mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        place += 1
        guard place == wanted else { return }
        localType = Value.typeName
        isTime = Value.self == Timestamp.self
        let own = (wanted, place)
        value.visitValue(with: &self)
        (wanted, place) = own
    }

    mutating func message<Value: Message>(_ value: inout Value) {
        let id = type
        guard decoder.isDefined(id) else {
            failure = "gob: unknown type id or corrupted data"
            return
        }
        guard case .structure = decoder.definitions[id]?.shape else {
            failure = "gob: type mismatch in decoder: want struct type \(Value.typeName); got non-struct"
            return
        }
        guard depth < decoder.limits.nesting else {
            failure = "gob: types are nested too deep"
            return
        }
        switch decoder.plan(Value.self, for: id, depth: depth + 1) {
        case .success(let plan): self.plan = plan
        case .failure(let error): failure = error.message
        }
    }

    // MARK: Other kinds

    private mutating func expect(_ expected: Int) {
        if type != expected { isMismatch = true }
    }

    private mutating func visit<Value: FieldValue>(_ kind: Value.Type, as type: Int) {
        self.type = type
        var value = Value.fieldDefault
        value.visitValue(with: &self)
    }

    mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) { visit(Wrapped.self, as: type) }

    mutating func array<Element: FieldValue>(_ value: inout [Element]) {
        switch decoder.definitions[type]?.shape {
        case .slice(let element), .array(let element, _): visit(Element.self, as: element)
        default: isMismatch = true
        }
    }

    mutating func map<Value: FieldValue>(_ value: inout [String: Value]) { visitMap(String.self, Value.self) }

    mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value]) {
        visitMap(Key.self, Value.self)
    }

    private mutating func visitMap<Key: MapKey, Value: FieldValue>(_ keys: Key.Type, _ values: Value.Type) {
        guard case .map(let key, let element) = decoder.definitions[type]?.shape else {
            isMismatch = true
            return
        }
        visit(Key.self, as: key)
        visit(Value.self, as: element)
    }

    mutating func timestamp(_ value: inout Timestamp) {
        if case .opaque = decoder.definitions[type]?.shape { return }
        isMismatch = true
    }

    mutating func json(_ value: inout JSONValue) {
        if type != GobType.string { expect(GobType.bytes) }
    }

    mutating func bool(_ value: inout Bool) { expect(GobType.bool) }
    mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {
        expect(Integer.isSigned ? GobType.int : GobType.uint)
    }
    mutating func double(_ value: inout Double) { expect(GobType.float) }
    mutating func float(_ value: inout Float) { expect(GobType.float) }
    mutating func string(_ value: inout String) { expect(GobType.string) }
    mutating func bytes(_ value: inout [UInt8]) { expect(GobType.bytes) }
    mutating func enumeration<Value: MessageEnum>(_ value: inout Value) { expect(GobType.int) }
}
