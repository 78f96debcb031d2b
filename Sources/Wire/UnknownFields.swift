/// The fields of a protobuf message that its description does not know, as they came: a service that passes a message
/// on does not lose what a newer schema has added. At most as many bytes as the message had. Other encodings have none.
public struct UnknownFields: Sendable, Hashable {
    /// Tags and values, one after the other.
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public var isEmpty: Bool { bytes.isEmpty }

    public mutating func removeAll() { bytes = [] }

    mutating func append(_ field: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: field) }
}
