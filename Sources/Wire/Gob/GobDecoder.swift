/// A value on a gob stream that is complete and not yet read.
public struct GobMessage: Sendable {
    @usableFromInline let type: Int
    /// In the bytes that it was found in, without its length and its type.
    @usableFromInline let body: Range<Int>
    /// Of `body`, in the stream.
    @usableFromInline let streamOffset: Int
}

/// Reads one direction of a gob stream: keeps the definitions that come on it, and turns values into messages. Confined
/// to whoever reads the stream.
///
///     var offset = 0
///     while let message = try decoder.next(in: received, at: &offset) {
///         let entry = try decoder.decode(LogEntry.self, from: message, in: received)
///     }
///     received.removeFirst(offset)
public final class GobDecoder {
    public let limits: GobLimits

    private(set) var definitions: [Int: GobDefinition] = [:]
    private var definitionBytes = 0
    /// Bytes of the stream before those that the next call of ``next(in:at:)`` begins with.
    private var streamOffset = 0

    private var plans: [PlanKey: Result<UnsafeMutablePointer<GobPlan>, GobError>] = [:]
    private var allPlans: [UnsafeMutablePointer<GobPlan>] = []
    /// What values of the stream's types are read as, most of them in the order of their first use.
    @usableFromInline var known: [KnownValue] = []

    private struct PlanKey: Hashable {
        var id: Int
        var type: ObjectIdentifier
    }

    @usableFromInline
    struct KnownValue {
        @usableFromInline var id: Int
        @usableFromInline var type: ObjectIdentifier
        @usableFromInline var plan: UnsafeMutablePointer<GobPlan>?
        @usableFromInline var isStructure: Bool
    }

    public init(limits: GobLimits = GobLimits()) { self.limits = limits }

    deinit {
        for plan in allPlans {
            plan.pointee.slots.deallocate()
            plan.deallocate()
        }
    }

    // MARK: The stream

    /// Finds the next value, and keeps the definitions before it.
    /// - Parameters:
    ///   - bytes: of the stream, from the first one that no earlier call has passed.
    ///   - offset: where to go on in `bytes`; moved behind what was read, which is not to be given again.
    /// - Returns: nil when a complete message is still to come.
    /// - Throws: an error of kind `stream`; the decoder is of no more use then.
    public func next(in bytes: UnsafeRawBufferPointer, at offset: inout Int) throws(GobError) -> GobMessage? {
        while true {
            var cursor = GobCursor(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            let first = cursor.at
            let length = cursor.unsigned()
            if cursor.isBroken {
                guard !cursor.isBadNumber else { throw broken("gob: encoded unsigned integer out of range", 0) }
                return nil
            }
            guard length <= UInt64(limits.message) else {
                throw broken("gob: a message of \(length) bytes is over the limit of \(limits.message)", 0)
            }
            guard length <= UInt64(cursor.left) else { return nil }
            let end = cursor.at + Int(length)
            cursor.end = end
            let type = cursor.signed()
            let prefix = cursor.at - first
            guard !cursor.isBroken, type != 0, let id = Int(exactly: type.magnitude) else {
                throw broken("gob: unknown type id or corrupted data", prefix)
            }
            if type > 0 {
                guard isDefined(id) else { throw broken("gob: unknown type id or corrupted data", prefix) }
                let body = offset + prefix..<offset + (end - first)
                let message = GobMessage(type: id, body: body, streamOffset: streamOffset + prefix)
                offset = body.upperBound
                streamOffset += end - first
                return message
            }
            try define(id, &cursor, bytes: Int(length))
            offset += end - first
            streamOffset += end - first
        }
    }

    private func define(_ id: Int, _ cursor: inout GobCursor, bytes: Int) throws(GobError) {
        guard id >= Gob.firstTypeID, definitions[id] == nil else { throw broken("gob: duplicate type received", 0) }
        definitionBytes += bytes
        guard definitions.count < limits.definitions, definitionBytes <= limits.definitionBytes else {
            throw broken("gob: too many types on one stream", 0)
        }
        guard let definition = GobDefinition(&cursor) else {
            throw broken("gob: unknown type id or corrupted data", 0)
        }
        guard cursor.left == 0 else { throw broken("gob: extra data in buffer", 0) }
        definitions[id] = definition
    }

    private func broken(_ text: String, _ offset: Int) -> GobError {
        GobError(.stream, text, offset: streamOffset + offset)
    }

    func isDefined(_ id: Int) -> Bool { id >= GobType.bool && id <= GobType.interface || definitions[id] != nil }

    // MARK: Values

    /// Reads a value that ``next(in:at:)`` found.
    /// - Parameter bytes: the same that it was found in.
    /// - Throws: an error of kind `mismatch` or `value`: the stream goes on behind it.
    @inlinable
    public func decode<Value: FieldValue>(
        _ type: Value.Type = Value.self, from message: GobMessage, in bytes: UnsafeRawBufferPointer
    ) throws(GobError) -> Value {
        let known = try knownValue(type, message)
        var reader = GobReader(message, in: bytes, known, decoder: self)
        var value = Value.fieldDefault
        value.visitValue(with: &reader)
        if reader.error != nil { throw reader.finalError(message) }
        return value
    }

    @inlinable @inline(__always)
    func knownValue<Value: FieldValue>(_ type: Value.Type, _ message: GobMessage) throws(GobError) -> KnownValue {
        let identifier = ObjectIdentifier(type)
        for known in known where known.type == identifier && known.id == message.type { return known }
        return try compare(type, message)
    }

    /// How many pairs of types are looked for one by one; more than a program has methods, and fewer than a stranger
    /// may define.
    private static let knownLimit = 64

    @usableFromInline @inline(never)
    func compare<Value: FieldValue>(_ type: Value.Type, _ message: GobMessage) throws(GobError) -> KnownValue {
        var planner = GobPlanner(self, type: message.type, depth: 0)
        var value = Value.fieldDefault
        value.visitValue(with: &planner)
        if let text = planner.failure { throw GobError(.mismatch, text, offset: message.streamOffset) }
        let isStructure = definitions[message.type]?.isStructure == true
        if planner.isMismatch {
            throw GobError(
                .mismatch,
                "gob: decoding into local type *\(Value.typeName), received remote type \(typeName(message.type))",
                offset: message.streamOffset)
        }
        if isStructure, let plan = planner.plan, plan.pointee.slots.count > 0,
            plan.pointee.slots.allSatisfy({ $0.place < 0 }), hasFields(type)
        {
            throw GobError(
                .mismatch,
                "gob: type mismatch: no fields matched compiling decoder for \(Gob.bareName(Value.typeName))",
                offset: message.streamOffset)
        }
        let new = KnownValue(
            id: message.type, type: ObjectIdentifier(type), plan: planner.plan, isStructure: isStructure)
        if known.count < Self.knownLimit { known.append(new) }
        return new
    }

    private func hasFields<Value: FieldValue>(_ type: Value.Type) -> Bool {
        var names = GobFieldNames()
        guard let message = Value.fieldDefault as? any Message else { return true }
        func visit<Fields: Message>(_ message: Fields) {
            var message = message
            message.visitFields(&names)
        }
        visit(message)
        return !names.names.isEmpty
    }

    /// The sender's type in the words of Go's error texts.
    func typeName(_ id: Int) -> String { typeName(id, depth: 0) }

    private func typeName(_ id: Int, depth: Int) -> String {
        if let name = GobType.name(id) { return name }
        guard let definition = definitions[id], depth < 8 else { return "type\(id)" }
        if !definition.name.isEmpty { return String(definition.name.prefix(64)) }
        switch definition.shape {
        case .structure: return "struct"
        case .slice(let element): return "[]" + typeName(element, depth: depth + 1)
        case .array(let element, let count): return "[\(count)]" + typeName(element, depth: depth + 1)
        case .map(let key, let element):
            return "map[\(typeName(key, depth: depth + 1))]" + typeName(element, depth: depth + 1)
        case .opaque, .opaqueText: return "type\(id)"
        }
    }

    // MARK: Plans

    /// The plan for reading structs of the sender's type `id` into messages of `type`.
    func plan<Value: Message>(
        _ type: Value.Type, for id: Int, depth: Int
    ) -> Result<UnsafeMutablePointer<GobPlan>, GobError> {
        let key = PlanKey(id: id, type: ObjectIdentifier(type))
        if let known = plans[key] { return known }
        guard let definition = definitions[id], case .structure(let fields) = definition.shape else {
            return .failure(GobError(.mismatch, "gob: unknown type id or corrupted data"))
        }
        let plan = UnsafeMutablePointer<GobPlan>.allocate(capacity: 1)
        plan.initialize(to: GobPlan())
        allPlans.append(plan)
        // A type that holds itself finds the plan that is being made.
        plans[key] = .success(plan)
        var planner = GobPlanner(self, type: id, depth: depth)
        guard let (slots, hasTimes) = planner.slots(for: fields, named: definition.name, in: type) else {
            let failure = GobError(.mismatch, planner.failure ?? "gob: unknown type id or corrupted data")
            plans[key] = .failure(failure)
            return .failure(failure)
        }
        let memory = UnsafeMutableBufferPointer<GobPlan.Slot>.allocate(capacity: slots.count)
        _ = memory.initialize(from: slots)
        plan.pointee.slots = memory
        plan.pointee.hasTimes = hasTimes
        return .success(plan)
    }
}
