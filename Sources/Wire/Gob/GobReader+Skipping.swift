extension GobReader {
    /// Passes over a value that the message has no field for.
    @usableFromInline
    mutating func skip(_ type: Int) {
        switch type {
        case GobType.bool, GobType.int, GobType.uint, GobType.float: _ = cursor.unsigned()
        case GobType.complex:
            _ = cursor.unsigned()
            _ = cursor.unsigned()
        case GobType.bytes, GobType.string: _ = cursor.counted()
        case GobType.interface: skipInterface()
        default:
            guard let definition = decoder.definitions[type] else {
                return fail("gob: bad data: undefined type \(type)")
            }
            guard enter() else { return }
            skip(definition)
            depth -= 1
        }
        if cursor.isBroken { failBroken() }
    }

    private mutating func skip(_ definition: GobDefinition) {
        switch definition.shape {
        case .opaque, .opaqueText: _ = cursor.counted()
        case .structure(let fields):
            var index = -1
            while error == nil {
                let delta = cursor.unsigned()
                if delta == 0 { return }
                guard delta <= UInt64(fields.count - 1 - index) else {
                    return fail("gob: bad data: field numbers out of bounds")
                }
                index += Int(delta)
                skip(fields[index].type)
            }
        case .slice(let element): skip(elementCount(stride: 0, nil), of: element)
        case .array(let element, let count): skip(elementCount(stride: 0, count), of: element)
        case .map(let key, let element):
            for _ in 0..<elementCount(stride: 0, nil) {
                skip(key)
                if error == nil { skip(element) }
                if error != nil { return }
            }
        }
    }

    private mutating func skip(_ count: Int, of element: Int) {
        for _ in 0..<count {
            skip(element)
            if error != nil { return }
        }
    }

    /// A name, and for one that is not empty a type, a count of bytes and the bytes. Definitions may stand before the
    /// type; what they would define is not needed, since the bytes are counted.
    private mutating func skipInterface() {
        guard !cursor.counted().isEmpty else { return }
        if cursor.signed() < 0 { return fail("gob: a type is defined inside a value that is not read") }
        _ = cursor.counted()
    }
}
