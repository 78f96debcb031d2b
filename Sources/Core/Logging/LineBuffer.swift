/// Collects a line on the stack and moves it to its array in one piece: many small appends to an array each check its
/// uniqueness and its capacity, which costs more than formatting does.
///
/// Valid only inside ``write(to:_:)``.
struct LineBuffer: ~Copyable {
    private static let capacity = 2048
    private let scratch: UnsafeMutablePointer<UInt8>
    private let target: UnsafeMutablePointer<[UInt8]>
    private var used = 0
    private var moved = 0

    private init(_ scratch: UnsafeMutablePointer<UInt8>, _ target: UnsafeMutablePointer<[UInt8]>) {
        self.scratch = scratch
        self.target = target
    }

    /// Appends to `bytes` what `body` writes.
    @inline(__always)
    static func write(to bytes: inout [UInt8], _ body: (inout LineBuffer) -> Void) {
        withUnsafeMutablePointer(to: &bytes) { target in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { scratch in
                // The allocation is never empty, so it has an address.
                guard let base = scratch.baseAddress else { return }
                var buffer = LineBuffer(base, target)
                body(&buffer)
                buffer.flush()
            }
        }
    }

    /// Hands `read` what `write` appends; nothing is allocated for a line that fits on the stack.
    @inline(__always)
    static func withLine<Result>(
        _ write: (inout LineBuffer) -> Void, _ read: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        var overflow: [UInt8] = []
        return withUnsafeMutablePointer(to: &overflow) { target in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { scratch in
                guard let base = scratch.baseAddress else { return read(UnsafeBufferPointer(start: nil, count: 0)) }
                var buffer = LineBuffer(base, target)
                write(&buffer)
                if buffer.moved == 0 { return read(UnsafeBufferPointer(start: base, count: buffer.used)) }
                buffer.flush()
                return target.pointee.withUnsafeBufferPointer(read)
            }
        }
    }

    /// How much of the line there is.
    var count: Int { moved + used }

    private mutating func flush() {
        target.pointee.append(contentsOf: UnsafeBufferPointer(start: scratch, count: used))
        moved += used
        used = 0
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if used == Self.capacity { flush() }
        scratch[used] = byte
        used += 1
    }

    @inline(__always)
    mutating func append(literal: StaticString) {
        append(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        if bytes.count > Self.capacity - used { return appendLarge(bytes) }
        (scratch + used).update(from: source, count: bytes.count)
        used += bytes.count
    }

    @inline(never)
    private mutating func appendLarge(_ bytes: UnsafeBufferPointer<UInt8>) {
        flush()
        target.pointee.append(contentsOf: bytes)
        moved += bytes.count
    }

    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    mutating func append(plain text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    /// Appends `count` bytes, every one of which `write` sets.
    @inline(__always)
    mutating func append(count: Int, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        if count > Self.capacity - used { flush() }
        write(UnsafeMutableBufferPointer(start: scratch + used, count: count))
        used += count
    }
}

extension [UInt8] {
    /// Appends the text as a JSON string with its quotes, cut at ``LogLimits/string``.
    package mutating func append(json text: String) {
        LineBuffer.write(to: &self) { $0.append(jsonString: text) }
    }
}
