internal import CNGHTTP2

/// The fields of a head to be sent, as nghttp2 wants them: pointers, which are good for the call alone unless a field
/// says otherwise. Confined to the closure of ``withList(capacity:_:)``.
struct HTTP2FieldList {
    private let memory: UnsafeMutableBufferPointer<nghttp2_nv>
    private(set) var count = 0

    private static let lasting = UInt8(
        truncatingIfNeeded: NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
    private static let lastingName = UInt8(truncatingIfNeeded: NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue)
    private static let unindexed = UInt8(truncatingIfNeeded: NGHTTP2_NV_FLAG_NO_INDEX.rawValue)

    /// - Parameter capacity: the most fields that are going to be added.
    static func withList<Result>(capacity: Int, _ body: (inout HTTP2FieldList) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: capacity) { memory in
            var list = HTTP2FieldList(memory: memory)
            return body(&list)
        }
    }

    private init(memory: UnsafeMutableBufferPointer<nghttp2_nv>) { self.memory = memory }

    var base: UnsafePointer<nghttp2_nv>? { UnsafePointer(memory.baseAddress) }

    @inline(__always)
    mutating func add(_ name: StaticString, _ value: StaticString) {
        append(
            name.utf8Start, name.utf8CodeUnitCount, value.utf8Start, value.utf8CodeUnitCount, flags: Self.lasting)
    }

    /// - Parameter value: copied.
    @inline(__always)
    mutating func add(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        append(
            name.utf8Start, name.utf8CodeUnitCount, value.baseAddress?.assumingMemoryBound(to: UInt8.self),
            value.count, flags: Self.lastingName)
    }

    /// All fields but those that a connection of HTTP/2 has no use for. Whoever gives them keeps them until the head has
    /// been sent.
    mutating func add(lasting headers: HTTPHeaders, excluding excluded: KnownFields) {
        guard let block = headers.block else { return }
        let isSelective = !block.known.isDisjoint(with: excluded) || !block.isWireForm
        for index in 0..<block.fieldCount {
            let name = block.name(index)
            let value = block.value(index)
            if isSelective, !KnownFields(name: name).isDisjoint(with: excluded) { continue }
            if name.count == 2, name.equalsIgnoringCase("te"), !value.equalsIgnoringCase("trailers") { continue }
            // A copy's name is made lower case by nghttp2.
            var flags = Self.isLowerCase(name) ? Self.lasting : 0
            // What is different with every call, or secret, does not belong into the table.
            if Self.isUnindexed(name) { flags |= Self.unindexed }
            append(
                name.baseAddress?.assumingMemoryBound(to: UInt8.self), name.count,
                value.baseAddress?.assumingMemoryBound(to: UInt8.self), value.count, flags: flags)
        }
    }

    @inline(__always)
    private mutating func append(
        _ name: UnsafePointer<UInt8>?, _ nameCount: Int, _ value: UnsafePointer<UInt8>?, _ valueCount: Int,
        flags: UInt8
    ) {
        guard count < memory.count else { return }
        memory[count] = nghttp2_nv(
            name: UnsafeMutablePointer(mutating: name), value: UnsafeMutablePointer(mutating: value),
            namelen: nameCount, valuelen: valueCount, flags: flags)
        count &+= 1
    }

    private static func isLowerCase(_ name: UnsafeRawBufferPointer) -> Bool {
        for byte in name where byte &- 0x41 < 26 { return false }
        return true
    }

    /// RFC 7541 §7.1.3.
    private static func isUnindexed(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 13: name.equalsIgnoringCase("authorization")
        case 10: name.equalsIgnoringCase("set-cookie")
        default: false
        }
    }
}

extension KnownFields {
    /// What says how a connection of HTTP/1.1 goes on (RFC 9113 §8.2.2), and what this side says itself.
    static let notInHTTP2: KnownFields = [.contentLength, .transferEncoding, .connection, .hopByHop]
}

/// A number in decimal, for a field's value.
func withDecimal<Result>(_ value: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
        var rest = value.magnitude
        var start = 20
        repeat {
            start &-= 1
            digits[start] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        return body(UnsafeRawBufferPointer(rebasing: digits[start..<20]))
    }
}
