/// The bytes of one message head in one piece, with a table of where each field is. ``HTTPHeaders`` and ``HTTPRequest``
/// are views on it, and make Strings only when asked.
///
/// Two ways to fill it: the parser copies a received head in, with a start line before the fields; ``add(_:_:)``
/// appends fields as they will stand on the wire, so that sending them is one copy.
final class HeadBlock: @unchecked Sendable {  // Written only while one owner has it: before a request is handed out, or
    // when `isKnownUniquelyReferenced` says so.
    /// Where a field's name and value are, as offsets into `bytes`.
    struct Field {
        var nameStart: UInt32
        var nameLength: UInt32
        var valueStart: UInt32
        var valueLength: UInt32
    }

    private(set) var bytes: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0
    private(set) var fields: UnsafeMutablePointer<Field>
    private var fieldCapacity: Int
    private(set) var fieldCount = 0

    /// Names that the encoder must look at are among the fields.
    var known: KnownFields = []
    /// A field that cannot stand on the wire was added: whoever would send this block refuses to.
    private(set) var isMalformed = false
    /// `bytes` is nothing but `name: value CRLF` lines.
    private(set) var isWireForm = true

    var requestLine = RequestLine()
    /// Whom the request came from. A connection sets it once and reuses the block.
    var peer: String?

    init(byteCapacity: Int = 256, fieldCapacity: Int = 12) {
        capacity = byteCapacity
        bytes = .allocate(byteCount: byteCapacity, alignment: 8)
        self.fieldCapacity = fieldCapacity
        fields = .allocate(capacity: fieldCapacity)
    }

    deinit {
        bytes.deallocate()
        fields.deallocate()
    }

    /// Empty, as after `init`, but for the memory and the peer.
    func reset() {
        count = 0
        fieldCount = 0
        known = []
        isMalformed = false
        isWireForm = true
        requestLine = RequestLine()
    }

    func copy() -> HeadBlock {
        let other = HeadBlock(byteCapacity: max(count + 64, 64), fieldCapacity: fieldCount + 4)
        other.bytes.copyMemory(from: bytes, byteCount: count)
        other.count = count
        other.fields.update(from: fields, count: fieldCount)
        other.fieldCount = fieldCount
        other.known = known
        other.isMalformed = isMalformed
        other.isWireForm = isWireForm
        other.requestLine = requestLine
        other.peer = peer
        return other
    }

    /// Everything stored.
    var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: count) }

    @inline(__always)
    func slice(_ start: UInt32, _ length: UInt32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + Int(start), count: Int(length))
    }

    @inline(__always)
    func name(_ index: Int) -> UnsafeRawBufferPointer { slice(fields[index].nameStart, fields[index].nameLength) }

    @inline(__always)
    func value(_ index: Int) -> UnsafeRawBufferPointer { slice(fields[index].valueStart, fields[index].valueLength) }
}

// MARK: Filling

extension HeadBlock {
    /// Records a field of a received head; the bytes follow in ``store(_:)``.
    func record(_ field: Field) {
        if fieldCount == fieldCapacity { growFields() }
        fields[fieldCount] = field
        fieldCount &+= 1
    }

    /// Copies a received head in, to which the recorded offsets refer.
    func store(_ head: UnsafeRawBufferPointer) {
        reserve(head.count)
        if let base = head.baseAddress { bytes.copyMemory(from: base, byteCount: head.count) }
        count = head.count
        isWireForm = false
    }

    /// Appends a field as it stands on the wire. What cannot stand there marks the block instead.
    func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let value = value.trimmed
        let size = name.count + value.count + 4
        guard name.isToken, value.isFieldValue, count + size <= Int(Int32.max) else {
            isMalformed = true
            return
        }
        reserve(count + size)
        let start = count
        append(name)
        append(0x3a, 0x20)
        append(value)
        append(ASCII.cr, ASCII.lf)
        record(
            Field(
                nameStart: UInt32(start), nameLength: UInt32(name.count),
                valueStart: UInt32(start + name.count + 2), valueLength: UInt32(value.count)))
        known.insert(KnownFields(name: name))
    }

    /// Appends a field of a received HTTP/2 head, whose name and value the frames' reader has checked.
    func addReceived(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        reserve(count &+ name.count &+ value.count)
        let start = UInt32(truncatingIfNeeded: count)
        append(name)
        append(value)
        record(
            Field(
                nameStart: start, nameLength: UInt32(truncatingIfNeeded: name.count),
                valueStart: start &+ UInt32(truncatingIfNeeded: name.count),
                valueLength: UInt32(truncatingIfNeeded: value.count)))
        isWireForm = false
    }

    /// Makes a field of bytes that are stored already.
    func addField(named name: StaticString, valueAt span: RequestLine.Span) {
        let start = appendRaw(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        record(
            Field(
                nameStart: start, nameLength: UInt32(truncatingIfNeeded: name.utf8CodeUnitCount),
                valueStart: span.start, valueLength: span.length))
    }

    /// Stores bytes that are not a field (a client's request target); the block is then no longer fields alone.
    func appendRaw(_ raw: UnsafeRawBufferPointer) -> UInt32 {
        reserve(count + raw.count)
        let start = UInt32(count)
        append(raw)
        isWireForm = false
        return start
    }

    private func append(_ source: UnsafeRawBufferPointer) {
        if let base = source.baseAddress { (bytes + count).copyMemory(from: base, byteCount: source.count) }
        count += source.count
    }

    private func append(_ first: UInt8, _ second: UInt8) {
        bytes.storeBytes(of: first, toByteOffset: count, as: UInt8.self)
        bytes.storeBytes(of: second, toByteOffset: count + 1, as: UInt8.self)
        count += 2
    }

    private func reserve(_ needed: Int) {
        guard needed > capacity else { return }
        let grown = max(needed, capacity * 2)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 8)
        larger.copyMemory(from: bytes, byteCount: count)
        bytes.deallocate()
        bytes = larger
        capacity = grown
    }

    private func growFields() {
        let grown = fieldCapacity * 2
        let larger = UnsafeMutablePointer<Field>.allocate(capacity: grown)
        larger.update(from: fields, count: fieldCount)
        fields.deallocate()
        fields = larger
        fieldCapacity = grown
    }
}

// MARK: Finding

extension HeadBlock {
    /// The first field of this name at or after `start`.
    func index(of name: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        var index = start
        while index < fieldCount {
            if fields[index].nameLength == name.count, self.name(index).equalsIgnoringCase(name) { return index }
            index &+= 1
        }
        return nil
    }

    func index(of lowercase: StaticString) -> Int? {
        var index = 0
        while index < fieldCount {
            if self.name(index).equalsIgnoringCase(lowercase) { return index }
            index &+= 1
        }
        return nil
    }
}

/// Fields that decide how a message is framed or that the encoder writes itself.
struct KnownFields: OptionSet {
    let rawValue: UInt8

    static let contentLength = KnownFields(rawValue: 1)
    static let transferEncoding = KnownFields(rawValue: 2)
    static let connection = KnownFields(rawValue: 4)
    static let date = KnownFields(rawValue: 8)
    static let host = KnownFields(rawValue: 16)
    static let hopByHop = KnownFields(rawValue: 32)

    /// Those that the encoder does not copy from a response: it alone decides on the framing.
    static let framing: KnownFields = [.contentLength, .transferEncoding, .connection, .hopByHop]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    @inline(__always)
    init(name: UnsafeRawBufferPointer) {
        switch name.count {
        case 4 where name.equalsIgnoringCase("date"): self = .date
        case 4 where name.equalsIgnoringCase("host"): self = .host
        case 7 where name.equalsIgnoringCase("upgrade"): self = .hopByHop
        case 10 where name.equalsIgnoringCase("connection"): self = .connection
        case 10 where name.equalsIgnoringCase("keep-alive"): self = .hopByHop
        case 14 where name.equalsIgnoringCase("content-length"): self = .contentLength
        case 16 where name.equalsIgnoringCase("proxy-connection"): self = .hopByHop
        case 17 where name.equalsIgnoringCase("transfer-encoding"): self = .transferEncoding
        default: self = []
        }
    }
}

/// The parts of a request line, as offsets into the block's bytes.
struct RequestLine {
    var method = HTTPMethod.get
    /// 1 for HTTP/1.1 and whatever minor version is above it, 0 for HTTP/1.0.
    var minorVersion: UInt8 = 1
    var target = Span()
    /// Without the query; of an absolute-form target the part after the authority.
    var path = Span()
    /// Without its question mark; nil when there is none.
    var query: Span?
    /// The authority of an absolute-form or authority-form target, which goes before Host (RFC 9112 §3.2.2).
    var authority: Span?

    struct Span {
        var start: UInt32 = 0
        var length: UInt32 = 0
    }
}
