/// Bytes that grow at one end and are consumed at the other. Owned by one place, never shared, never copied.
public struct ByteBuffer: ~Copyable {
    @usableFromInline var storage: UnsafeMutableRawPointer?
    @usableFromInline var capacity = 0
    @usableFromInline var start = 0
    @usableFromInline var end = 0

    @inlinable
    public init() {}

    deinit { storage?.deallocate() }

    @inlinable
    public var count: Int { end &- start }

    @inlinable
    public var isEmpty: Bool { start == end }

    /// What was appended and not yet consumed. Valid until the next mutation.
    @inlinable
    public var readableBytes: UnsafeRawBufferPointer {
        guard let storage else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: storage + start, count: end &- start)
    }

    /// Forgets the first `count` bytes, all of them if there are fewer.
    @inlinable
    public mutating func consume(_ count: Int) {
        start &+= min(max(count, 0), self.count)
        if start == end {
            start = 0
            end = 0
        }
    }

    @inlinable
    public mutating func removeAll() {
        start = 0
        end = 0
    }

    /// Gives the memory back if nothing is in it and it is larger than `limit` bytes: an idle connection costs nothing.
    public mutating func trim(to limit: Int) {
        guard isEmpty, capacity > limit else { return }
        storage?.deallocate()
        storage = nil
        capacity = 0
    }

    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count).copyMemory(from: base, byteCount: bytes.count)
        end &+= bytes.count
    }

    @inlinable
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    @inlinable
    public mutating func append(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { append($0) }
    }

    @inlinable
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inlinable
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    @inlinable
    public mutating func append(byte: UInt8) {
        reserve(1).storeBytes(of: byte, as: UInt8.self)
        end &+= 1
    }

    /// Lets `body` write into at least `minimum` free bytes; it returns how many it wrote.
    @inlinable
    public mutating func withWritable(minimum: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
        let free = reserve(max(minimum, 1))
        let room = capacity &- end
        end &+= min(max(body(UnsafeMutableRawBufferPointer(start: free, count: room)), 0), room)
    }

    /// The write end, with room for `count` more bytes.
    @usableFromInline
    mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if let storage, capacity &- end >= count { return storage + end }
        return makeRoom(count)
    }

    @inline(never)
    private mutating func makeRoom(_ count: Int) -> UnsafeMutableRawPointer {
        let held = end - start
        if let storage, capacity - held >= count, start >= held {
            storage.copyMemory(from: storage + start, byteCount: held)
            start = 0
            end = held
            return storage + held
        }
        let size = max(256, (held + count) * 2)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        if let storage {
            fresh.copyMemory(from: storage + start, byteCount: held)
            storage.deallocate()
        }
        storage = fresh
        capacity = size
        start = 0
        end = held
        return fresh + held
    }

    /// Takes everything out, leaving this buffer empty.
    public mutating func takeAll() -> ByteBuffer {
        var taken = ByteBuffer()
        swap(&taken, &self)
        return taken
    }
}
