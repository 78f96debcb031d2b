extension GobDefinition {
    /// Reads what follows the negative number of a definition: a wireType, of whose fields one is there.
    ///
    /// It is an ordinary struct, but of a few types that are known beforehand and hold no others: reading it in place is
    /// simpler than having it read as a value.
    /// - Returns: nil when it is none.
    init?(_ cursor: inout GobCursor) {
        var found: GobDefinition?
        var index = -1
        while true {
            guard let delta = Self.delta(&cursor) else { break }
            index += delta
            guard found == nil else { return nil }
            var name = ""
            var fields: [Field] = []
            var numbers = (0, 0)
            guard (0...6).contains(index), Self.readBody(of: index, &cursor, &name, &fields, &numbers) else {
                return nil
            }
            let shape: Shape =
                switch index {
                case 0: .array(element: numbers.0, count: numbers.1)
                case 1: .slice(element: numbers.0)
                case 2: .structure(fields)
                case 3: .map(key: numbers.0, element: numbers.1)
                case 4, 5: .opaque
                default: .opaqueText
                }
            found = GobDefinition(name: name, shape: shape)
        }
        guard let found, !cursor.isBroken else { return nil }
        self = found
    }

    /// How far the next field is from the last; nil at the struct's end.
    private static func delta(_ cursor: inout GobCursor) -> Int? {
        let delta = cursor.unsigned()
        // No struct here has more than seven fields.
        guard delta != 0, !cursor.isBroken else { return nil }
        return delta > 16 ? 16 : Int(delta)
    }

    private static func readBody(
        of kind: Int, _ cursor: inout GobCursor, _ name: inout String, _ fields: inout [Field],
        _ numbers: inout (Int, Int)
    ) -> Bool {
        var index = -1
        while let delta = Self.delta(&cursor) {
            index += delta
            switch (index, kind) {
            case (0, _):
                guard readCommonType(&cursor, &name) else { return false }
            case (1, 2):
                let count = cursor.unsigned()
                guard count <= UInt64(cursor.left) else { return false }
                for _ in 0..<count {
                    guard let field = readField(&cursor) else { return false }
                    fields.append(field)
                }
            case (1, 0), (1, 1), (1, 3): numbers.0 = Int(truncatingIfNeeded: cursor.signed())
            case (2, 0), (2, 3): numbers.1 = Int(truncatingIfNeeded: cursor.signed())
            default: return false
            }
        }
        return !cursor.isBroken
    }

    private static func readCommonType(_ cursor: inout GobCursor, _ name: inout String) -> Bool {
        var index = -1
        while let delta = Self.delta(&cursor) {
            index += delta
            switch index {
            case 0: name = String(decoding: cursor.counted(), as: UTF8.self)
            case 1: _ = cursor.signed()
            default: return false
            }
        }
        return !cursor.isBroken
    }

    private static func readField(_ cursor: inout GobCursor) -> Field? {
        var field = Field(name: "", type: 0)
        var index = -1
        while let delta = Self.delta(&cursor) {
            index += delta
            switch index {
            case 0: field.name = String(decoding: cursor.counted(), as: UTF8.self)
            case 1: field.type = Int(truncatingIfNeeded: cursor.signed())
            default: return nil
            }
        }
        return cursor.isBroken ? nil : field
    }
}
