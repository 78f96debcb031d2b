public import MartletCore
public import MartletWire

/// Messages between Swift and the wire.
@usableFromInline
enum GRPCFraming {
    /// A message with its prefix, as it is.
    @inlinable
    static func frame<Value: MessageValue>(_ message: Value) -> [UInt8] {
        Protobuf.withEncoded(message) { bytes in
            [UInt8](unsafeUninitializedCapacity: bytes.count &+ 5) { frame, count in
                count = bytes.count &+ 5
                let length = UInt32(truncatingIfNeeded: bytes.count)
                frame[0] = 0
                frame[1] = UInt8(truncatingIfNeeded: length >> 24)
                frame[2] = UInt8(truncatingIfNeeded: length >> 16)
                frame[3] = UInt8(truncatingIfNeeded: length >> 8)
                frame[4] = UInt8(truncatingIfNeeded: length)
                if let base = bytes.baseAddress, let start = frame.baseAddress {
                    UnsafeMutableRawPointer(start + 5).copyMemory(from: base, byteCount: bytes.count)
                }
            }
        }
    }

    /// The same frame with its message compressed.
    static func compressed(_ frame: [UInt8]) throws(ServiceError) -> [UInt8] {
        let message = try frame.withUnsafeBufferPointer { bytes throws(ServiceError) in
            let bytes = UnsafeRawBufferPointer(bytes)
            return try Gzip.compress(UnsafeRawBufferPointer(rebasing: bytes[GRPCInbox.prefixLength...]))
        }
        let length = UInt32(truncatingIfNeeded: message.count)
        var compressed: [UInt8] = []
        compressed.reserveCapacity(message.count + GRPCInbox.prefixLength)
        compressed.append(1)
        withUnsafeBytes(of: length.bigEndian) { compressed.append(contentsOf: $0) }
        compressed += message
        return compressed
    }

    @inlinable
    static func decode<Value: MessageValue>(
        _ type: Value.Type, _ bytes: UnsafeRawBufferPointer, limit: Int
    ) throws(ServiceError) -> Value {
        do throws(ProtobufError) {
            return try Protobuf.decode(type, from: bytes, limits: ProtobufLimits(size: limit))
        } catch {
            throw malformed(error)
        }
    }

    @usableFromInline
    static func malformed(_ error: ProtobufError) -> ServiceError { ServiceError(.internal, error.description) }
}
