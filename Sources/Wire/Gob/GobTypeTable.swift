/// The numbers and definitions of local types, in the order in which Go would give them out: a struct has its number
/// before the types of its fields, a slice and a map after those of their elements.
struct GobTypeTable {
    private(set) var definitions: [Int: GobDefinition] = [:]
    private var ids: [ObjectIdentifier: Int] = [:]
    private var nextID: Int

    init(firstID: Int) { nextID = firstID }

    mutating func id<Value: FieldValue>(of type: Value.Type) -> Int {
        var builder = GobTypeBuilder(table: self)
        var value = Value.fieldDefault
        value.visitValue(with: &builder)
        self = builder.table
        return builder.result
    }

    /// The number of a type that has one, or is about to be given one further out.
    fileprivate mutating func existingID(_ type: Any.Type) -> Int? {
        guard let id = ids[ObjectIdentifier(type)] else { return nil }
        return id == 0 ? assignID(type) : id
    }

    /// A type that holds itself is met again before it has its number.
    fileprivate mutating func begin(_ type: Any.Type) { ids[ObjectIdentifier(type)] = 0 }

    fileprivate mutating func assignID(_ type: Any.Type) -> Int {
        if let id = ids[ObjectIdentifier(type)], id != 0 { return id }
        let id = nextID
        nextID += 1
        ids[ObjectIdentifier(type)] = id
        return id
    }

    fileprivate mutating func define(_ id: Int, _ name: String, _ shape: GobDefinition.Shape) {
        definitions[id] = GobDefinition(name: name, shape: shape)
    }
}

/// Goes through a description, on a value without content, and writes down what it is made of.
struct GobTypeBuilder: FieldVisitor {
    fileprivate var table: GobTypeTable
    /// The number of the type that was visited last.
    fileprivate var result = 0
    private var fields: [GobDefinition.Field] = []
    /// What Go calls a slice or a map that is a field; elsewhere they have no name.
    private var containerName = ""

    fileprivate init(table: GobTypeTable) { self.table = table }

    mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        containerName = Value.typeName
        var value = Value.fieldDefault
        value.visitValue(with: &self)
        fields.append(GobDefinition.Field(name: Gob.fieldName(name), type: result))
    }

    mutating func message<Value: Message>(_ value: inout Value) {
        if let id = table.existingID(Value.self) {
            result = id
            return
        }
        let id = table.assignID(Value.self)
        let outer = fields
        fields = []
        value.visitFields(&self)
        table.define(id, Gob.bareName(Value.messageName), .structure(fields))
        fields = outer
        result = id
    }

    mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) {
        var wrapped = Wrapped.fieldDefault
        wrapped.visitValue(with: &self)
    }

    mutating func array<Element: FieldValue>(_ value: inout [Element]) {
        let name = takeContainerName()
        if let id = table.existingID([Element].self) {
            result = id
            return
        }
        table.begin([Element].self)
        visitElement(Element.self)
        let element = result
        result = table.assignID([Element].self)
        table.define(result, name, .slice(element: element))
    }

    mutating func map<Value: FieldValue>(_ value: inout [String: Value]) { visitMap(String.self, Value.self) }

    mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value]) {
        visitMap(Key.self, Value.self)
    }

    private mutating func visitMap<Key: MapKey, Value: FieldValue>(_ keys: Key.Type, _ values: Value.Type) {
        let name = takeContainerName()
        if let id = table.existingID([Key: Value].self) {
            result = id
            return
        }
        table.begin([Key: Value].self)
        visitElement(Key.self)
        let key = result
        visitElement(Value.self)
        let element = result
        result = table.assignID([Key: Value].self)
        table.define(result, name, .map(key: key, element: element))
    }

    private mutating func takeContainerName() -> String {
        defer { containerName = "" }
        return containerName
    }

    private mutating func visitElement<Element: FieldValue>(_ type: Element.Type) {
        var element = Element.fieldDefault
        element.visitValue(with: &self)
    }

    mutating func timestamp(_ value: inout Timestamp) {
        if let id = table.existingID(Timestamp.self) {
            result = id
            return
        }
        result = table.assignID(Timestamp.self)
        table.define(result, "Time", .opaque)
    }

    mutating func bool(_ value: inout Bool) { result = GobType.bool }
    mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {
        result = Integer.isSigned ? GobType.int : GobType.uint
    }
    mutating func double(_ value: inout Double) { result = GobType.float }
    mutating func float(_ value: inout Float) { result = GobType.float }
    mutating func string(_ value: inout String) { result = GobType.string }
    mutating func bytes(_ value: inout [UInt8]) { result = GobType.bytes }
    mutating func json(_ value: inout JSONValue) { result = GobType.bytes }
    mutating func enumeration<Value: MessageEnum>(_ value: inout Value) { result = GobType.int }
}
