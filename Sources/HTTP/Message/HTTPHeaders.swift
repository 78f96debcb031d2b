/// The fields of a message, in order; names are compared without regard to case (RFC 9110 §5).
///
///     var headers: HTTPHeaders = ["Content-Type": "text/plain"]
///     headers["Cache-Control"] = "no-store"
///
/// A name that is no token, or a value with a control character in it (CR and LF above all: header injection), is not
/// added; it marks the headers as malformed instead, and a message with such headers is never sent.
public struct HTTPHeaders: Sendable {
    /// Nil when empty. Shared until written to.
    var block: HeadBlock?

    public init() {}

    init(block: HeadBlock) { self.block = block }

    public var count: Int { block?.fieldCount ?? 0 }
    public var isEmpty: Bool { count == 0 }

    /// Whether something was added that cannot stand on the wire.
    public var isMalformed: Bool { block?.isMalformed ?? false }

    /// The first value of a field. Setting it replaces every field of this name; nil removes them.
    public subscript(name: String) -> String? {
        get {
            withValue(of: name) { String(bytes: $0) }
        }
        set {
            remove(name)
            if let newValue { add(name, newValue) }
        }
    }

    public func contains(_ name: String) -> Bool { withValue(of: name) { _ in true } ?? false }

    /// All values of a field, in order.
    public func values(of name: String) -> [String] {
        guard let block else { return [] }
        var name = name
        return name.withUTF8 { name in
            let name = UnsafeRawBufferPointer(name)
            var values: [String] = []
            var next = block.index(of: name)
            while let index = next {
                values.append(String(bytes: block.value(index)))
                next = block.index(of: name, from: index + 1)
            }
            return values
        }
    }

    /// Calls `body` with the bytes of the first value of a field, without making a String. The bytes are valid only
    /// during the call.
    public func withValue<Result>(
        of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result? {
        guard let block, block.fieldCount > 0 else { return nil }
        var name = name
        let index = name.withUTF8 { block.index(of: UnsafeRawBufferPointer($0)) }
        return try index.map { try body(block.value($0)) }
    }

    /// The same for a name known at compile time, given in lower case.
    func withValue<Result>(
        ofKnown lowercase: StaticString, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result? {
        guard let block, let index = block.index(of: lowercase) else { return nil }
        return try body(block.value(index))
    }

    public mutating func add(_ name: String, _ value: String) {
        var name = name
        var value = value
        let block = writable()
        name.withUTF8 { name in
            value.withUTF8 { block.add(UnsafeRawBufferPointer(name), UnsafeRawBufferPointer($0)) }
        }
    }

    public mutating func remove(_ name: String) {
        guard let block, contains(name) else { return }
        let rest = HeadBlock(byteCapacity: block.count, fieldCapacity: block.fieldCount)
        var name = name
        name.withUTF8 { name in
            for index in 0..<block.fieldCount
            where !block.name(index).equalsIgnoringCase(UnsafeRawBufferPointer(name)) {
                rest.add(block.name(index), block.value(index))
            }
        }
        self.block = rest
    }

    /// Calls `body` with each name and value, in order. Both are valid only during the call.
    public func forEachBytes(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        guard let block else { return }
        for index in 0..<block.fieldCount { try body(block.name(index), block.value(index)) }
    }

    /// A block that only this value has. A received head is copied without its start line.
    private mutating func writable() -> HeadBlock {
        if isKnownUniquelyReferenced(&block), let block, block.isWireForm { return block }
        let own: HeadBlock
        if let block, block.isWireForm {
            own = block.copy()
        } else {
            own = HeadBlock(byteCapacity: (block?.count ?? 0) + 64, fieldCapacity: count + 4)
            forEachBytes { own.add($0, $1) }
        }
        block = own
        return own
    }
}

extension HTTPHeaders: Sequence {
    public struct Iterator: IteratorProtocol {
        let block: HeadBlock?
        var index = 0

        public mutating func next() -> (name: String, value: String)? {
            guard let block, index < block.fieldCount else { return nil }
            defer { index += 1 }
            return (String(bytes: block.name(index)), String(bytes: block.value(index)))
        }
    }

    public func makeIterator() -> Iterator { Iterator(block: block) }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }
}

extension HTTPHeaders: CustomStringConvertible {
    public var description: String { map { "\($0.name): \($0.value)" }.joined(separator: "\n") }
}
