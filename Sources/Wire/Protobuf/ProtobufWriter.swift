/// Writes what a description visits. Nothing it is given can fail.
///
/// It writes forward into a buffer on the stack of ``Protobuf/withEncoded(_:_:)``, so that most messages cost no
/// allocation; what does not fit moves to the heap. The length before a nested message takes one byte until it is
/// known; when it takes more, the content moves up: one pass through a description, and one copy of what is longer than
/// 127 bytes for each message around it. Only ``Protobuf`` makes one.
public struct ProtobufWriter: FieldVisitor {
    /// A constant to the caller's compiler, too, or the buffer would not be on the stack.
    @inlinable static var bufferSize: Int { 1024 }

    /// Where the value at hand stands, and with it what is written around it.
    @usableFromInline
    enum Place: UInt8 {
        /// All of the bytes are the value's.
        case root
        /// A tag before it; left out when it is the default.
        case field
        /// A tag before it, whatever it is.
        case present
        /// The same, in an array or a map, where no container can stand.
        case element
        /// Nothing before it.
        case packed
    }

    @usableFromInline var start: UnsafeMutablePointer<UInt8>
    @usableFromInline var at: UnsafeMutablePointer<UInt8>
    @usableFromInline var end: UnsafeMutablePointer<UInt8>
    private var isOnHeap = false
    @usableFromInline var number: UInt32 = 0
    @usableFromInline var options: FieldOptions = []
    @usableFromInline var place = Place.root

    /// `buffer` has room for ``bufferSize`` bytes, and outlives the writer.
    @usableFromInline
    init(_ buffer: UnsafeMutablePointer<UInt8>) {
        start = buffer
        at = buffer
        end = buffer + Self.bufferSize
    }

    @usableFromInline var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: at - start) }

    @usableFromInline
    func release() {
        if isOnHeap { start.deallocate() }
    }

    // MARK: Bytes

    @inlinable @inline(__always)
    mutating func reserve(_ count: Int) {
        if end - at < count { grow(by: count) }
    }

    @usableFromInline @inline(never)
    mutating func grow(by count: Int) {
        let used = at - start
        let capacity = max(2 * (end - start), used + count)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: used)
        release()
        (start, at, end) = (larger, larger + used, larger + capacity)
        isOnHeap = true
    }

    /// Room for ten bytes must have been reserved.
    @inlinable @inline(__always)
    mutating func put(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            at.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            at += 1
            rest >>= 7
        }
        at.pointee = UInt8(truncatingIfNeeded: rest)
        at += 1
    }

    /// Room for five bytes must have been reserved.
    @inlinable @inline(__always)
    mutating func putTag(_ wireType: WireType) {
        put(varint: UInt64(number << 3 | wireType.rawValue))
    }

    @usableFromInline
    mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress else { return }
        reserve(bytes.count)
        at.update(from: base, count: bytes.count)
        at += bytes.count
    }

    // MARK: Fields

    @inlinable
    public mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        self.number = UInt32(truncatingIfNeeded: number)
        self.options = options
        place = .field
        value.visitValue(with: &self)
    }

    public mutating func unknownFields(_ fields: inout UnknownFields) {
        fields.bytes.withUnsafeBufferPointer { put($0) }
    }

    // MARK: What has a length

    /// Begins a message or packed numbers: a tag and a length that is not known yet. Returns where the content begins,
    /// for ``endLength(_:)``; -1 for the root, which has neither.
    @usableFromInline
    mutating func beginLength() -> Int {
        if place == .root { return -1 }
        reserve(6)
        putTag(.length)
        at += 1
        return at - start
    }

    @usableFromInline
    mutating func endLength(_ content: Int) {
        if content < 0 { return }
        let count = at - start - content
        if count < 0x80 {
            start[content - 1] = UInt8(truncatingIfNeeded: count)
        } else {
            endLongLength(content, count)
        }
    }

    private mutating func endLongLength(_ content: Int, _ count: Int) {
        let more = (count.bitWidth - count.leadingZeroBitCount - 1) / 7
        reserve(more)
        (start + content + more).update(from: start + content, count: count)
        at = start + content - 1
        put(varint: UInt64(count))
        at += count
    }

    @inlinable
    public mutating func message<Value: Message>(_ value: inout Value) {
        let content = beginLength()
        value.visitFields(&self)
        endLength(content)
    }

    // MARK: Containers

    @inlinable
    public mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) {
        guard var wrapped = value, place == .field else { return assertFieldPlace(Wrapped.self) }
        place = .present
        wrapped.visitValue(with: &self)
    }

    @inlinable
    public mutating func array<Element: FieldValue>(_ value: inout [Element]) {
        guard place == .field || place == .present else { return assertFieldPlace([Element].self) }
        if value.isEmpty { return }
        let (number, options) = (number, options)
        if Element.isNumeric, !options.contains(.unpacked) {
            let content = beginLength()
            place = .packed
            for var element in value { element.visitValue(with: &self) }
            return endLength(content)
        }
        for var element in value {
            self.number = number
            self.options = options
            place = .element
            element.visitValue(with: &self)
        }
    }

    @inlinable
    public mutating func map<Value: FieldValue>(_ value: inout [String: Value]) { map(keyed: &value) }

    @inlinable
    public mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value]) {
        guard place == .field || place == .present else { return assertFieldPlace([Key: Value].self) }
        let (number, options) = (number, options)
        for (key, element) in value {
            self.number = number
            place = .element
            let content = beginLength()
            var (key, element) = (key, element)
            (self.number, self.options) = (1, options.ofKey)
            key.visitValue(with: &self)
            (self.number, self.options, place) = (2, options, .element)
            element.visitValue(with: &self)
            endLength(content)
        }
    }

    /// Called also for a nil that is in its place.
    @usableFromInline
    func assertFieldPlace<Value>(_ type: Value.Type) {
        assert(place == .field || place == .present, "protobuf has no \(type) inside an array or a map")
    }
}

/// The low three bits of a tag.
@usableFromInline
enum WireType: UInt32 {
    case varint = 0
    case fixed64 = 1
    case length = 2
    case startGroup = 3
    case endGroup = 4
    case fixed32 = 5
}
