internal import MartletCore

/// Bytes in, messages out: the length-prefixed messages of one direction of a call. Pure.
///
///     flag (1 byte: 0, or 1 for compressed) · length (4 bytes, big-endian) · the message
@usableFromInline
struct GRPCInbox: Sendable {
    @usableFromInline var bytes: [UInt8] = []
    @usableFromInline var start = 0
    private let limit: Int

    /// One message, which is where it arrived until the next is asked for.
    @usableFromInline
    struct Frame: Equatable, Sendable {
        @usableFromInline var isCompressed: Bool
        @usableFromInline var range: Range<Int>
    }

    static let prefixLength = 5

    /// - Parameter limit: of a message, in bytes.
    init(limit: Int) { self.limit = limit }

    /// What has arrived and is no message yet.
    var count: Int { bytes.count - start }

    mutating func append(_ more: [UInt8]) {
        if start == bytes.count {
            bytes = more
            start = 0
            return
        }
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        // What a length promises is believed once part of it is there.
        if bytes.count >= Self.prefixLength {
            let whole = Self.prefixLength + length
            if bytes.count + more.count >= whole / 8, whole > bytes.capacity, whole <= limit + Self.prefixLength {
                bytes.reserveCapacity(whole)
            }
        }
        bytes += more
    }

    /// The next message if all of it is there.
    /// - Throws: `internal` for what is no prefix, `resourceExhausted` for a length past the limit.
    mutating func next() throws(ServiceError) -> Frame? {
        guard count >= Self.prefixLength else { return nil }
        let flag = bytes[start]
        guard flag <= 1 else { throw ServiceError(.internal, "a message begins with \(flag), which is no flag") }
        let length = length
        guard length <= limit else {
            throw ServiceError(.resourceExhausted, "a message of \(length) bytes; at most \(limit) are taken")
        }
        let end = start + Self.prefixLength + length
        guard end <= bytes.count else { return nil }
        defer { start = end }
        return Frame(isCompressed: flag == 1, range: start + Self.prefixLength..<end)
    }

    private var length: Int {
        bytes.withUnsafeBytes { bytes in
            Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: start + 1, as: UInt32.self)))
        }
    }
}
