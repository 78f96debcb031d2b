/// Why a document was not read. The texts are those of Go's decoder (contract row A.2), so that a client written
/// against a Go service sees what it knows.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// Nothing, or nothing but white space.
        case empty
        /// The document ends inside a value.
        case truncated
        case syntax
        /// The document is deeper than ``JSONLimits/nesting``.
        case tooDeep
        /// The document is larger than ``JSONLimits/size``.
        case tooLarge
        /// Well-formed JSON of another type, or of a value that the type cannot hold.
        case mismatch
        /// More than white space follows the value.
        case trailing
    }

    public var kind: Kind
    /// For the caller to read. Quotes at most a number from the document.
    public var message: String
    /// In bytes from the start: the offending byte, or the first one of the offending value.
    public var offset: Int
    /// The names of the fields down to the offending value, as the schema spells them, for a mismatch.
    public var path: [String]

    public init(_ kind: Kind, _ message: String, offset: Int = 0, path: [String] = []) {
        self.kind = kind
        self.message = message
        self.offset = offset
        self.path = path
    }

    public var description: String { message }
}
