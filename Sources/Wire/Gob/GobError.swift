/// Why a stream, or one value of it, was not read. The texts are Go's where Go has one (contracts, go-net-rpc), because
/// they cross the wire.
public struct GobError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The stream itself is broken or over a limit: nothing that follows on it can be understood.
        case stream
        /// The value is not of the type that was asked for. What follows can be read.
        case mismatch
        /// The bytes of one value make no sense. What follows can be read.
        case value
    }

    public var kind: Kind
    /// For the caller to read.
    public var message: String
    /// In bytes from the start of the stream.
    public var offset: Int

    public init(_ kind: Kind, _ message: String, offset: Int = 0) {
        self.kind = kind
        self.message = message
        self.offset = offset
    }

    public var description: String { message }
}
