/// Writes the values of one direction of a gob stream, each with the definitions that the other end lacks. Confined to
/// whoever writes the stream.
public final class GobEncoder {
    @usableFromInline var writer = GobWriter()

    /// Top-level types whose definitions have been written.
    @usableFromInline var known: [KnownType] = []
    private var types: GobTypeTable
    private var sent: Set<Int> = []

    @usableFromInline
    struct KnownType {
        @usableFromInline var type: ObjectIdentifier
        @usableFromInline var id: Int
        @usableFromInline var isStructure: Bool
    }

    /// - Parameter firstTypeID: 64 or more; the number of the first type that is used.
    public init(firstTypeID: Int = Gob.firstTypeID) {
        types = GobTypeTable(firstID: max(firstTypeID, Gob.firstTypeID))
    }

    deinit { writer.deallocate() }

    /// What has been encoded since ``removeAll()``. Valid until the next call.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: writer.start, count: writer.count) }

    /// Forgets the bytes, not the types. Memory of more than `limit` bytes is given back.
    public func removeAll(keepingCapacity limit: Int = 64 << 10) {
        if writer.end - writer.start > limit {
            writer.deallocate()
            writer = GobWriter()
        } else {
            writer.at = writer.start
        }
    }

    /// Appends the value as the next of the stream.
    @inlinable
    public func encode<Value: FieldValue>(_ value: Value) {
        let type = knownType(Value.self)
        var writer = self.writer
        let body = writer.beginMessage()
        writer.put(signed: Int64(type.id))
        if !type.isStructure { writer.put(unsigned: 0) }
        var value = value
        writer.isField = false
        value.visitValue(with: &writer)
        writer.endMessage(body)
        self.writer = writer
    }

    @inlinable @inline(__always)
    func knownType<Value: FieldValue>(_ type: Value.Type) -> KnownType {
        let identifier = ObjectIdentifier(type)
        for known in known where known.type == identifier { return known }
        return define(type)
    }

    // MARK: Definitions

    @usableFromInline @inline(never)
    func define<Value: FieldValue>(_ type: Value.Type) -> KnownType {
        let id = types.id(of: type)
        send(id)
        let new = KnownType(
            type: ObjectIdentifier(type), id: id, isStructure: types.definitions[id]?.isStructure == true)
        known.append(new)
        return new
    }

    /// The type's own definition, then those of what is inside it, each once: Go's order.
    private func send(_ id: Int) {
        guard let definition = types.definitions[id], sent.insert(id).inserted else { return }
        let body = writer.beginMessage()
        writer.put(signed: Int64(-id))
        switch definition.shape {
        case .structure(let fields):
            put(definition, id, at: 2)
            if !fields.isEmpty {
                writer.put(unsigned: 1)
                writer.put(unsigned: UInt64(fields.count))
                for field in fields {
                    writer.put(unsigned: 1)
                    writer.put(text: field.name)
                    put(type: field.type)
                    writer.put(unsigned: 0)
                }
            }
        case .slice(let element):
            put(definition, id, at: 1)
            put(type: element)
        case .array(let element, let count):
            put(definition, id, at: 0)
            put(type: element)
            put(type: count)
        case .map(let key, let element):
            put(definition, id, at: 3)
            put(type: key)
            put(type: element)
        case .opaque: put(definition, id, at: 4)
        case .opaqueText: put(definition, id, at: 6)
        }
        // The ends of the definition and of wireType.
        writer.put(unsigned: 0)
        writer.put(unsigned: 0)
        writer.endMessage(body)

        switch definition.shape {
        case .structure(let fields): for field in fields { send(field.type) }
        case .slice(let element), .array(let element, _): send(element)
        case .map(let key, let element):
            send(key)
            send(element)
        case .opaque, .opaqueText: break
        }
    }

    /// The field of wireType, and in it the CommonType: name and number.
    private func put(_ definition: GobDefinition, _ id: Int, at index: Int) {
        writer.put(unsigned: UInt64(index + 1))
        writer.put(unsigned: 1)
        if definition.name.isEmpty {
            writer.put(unsigned: 2)
        } else {
            writer.put(unsigned: 1)
            writer.put(text: definition.name)
            writer.put(unsigned: 1)
        }
        writer.put(signed: Int64(id))
        writer.put(unsigned: 0)
    }

    /// The next field, a signed number that is not zero.
    private func put(type: Int) {
        writer.put(unsigned: 1)
        writer.put(signed: Int64(type))
    }
}
