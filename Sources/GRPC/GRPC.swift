// GRPC: gRPC over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md), server and client. Endpoints
// of an `RPCService` are mounted by visiting its methods; what is here besides is framing, metadata, statuses,
// compression, and on the client's side who is connected to and when.
//
// What is not here: HTTP/2 itself (the HTTP room), protobuf (Wire), TLS, service configuration and its retry policies,
// load balancing but pick-first and round-robin, gRPC-Web.

/// Metadata: names in lower case with text, or, where the name ends with `-bin`, with any bytes.
public struct GRPCMetadata: Sendable, Hashable {
    public enum Content: Sendable, Hashable {
        case text(String)
        case binary([UInt8])
    }

    public struct Entry: Sendable, Hashable {
        public var name: String
        public var value: Content
    }

    /// In order; a name may come more than once.
    public private(set) var entries: [Entry] = []

    public init() {}

    public var isEmpty: Bool { entries.isEmpty }

    /// - Parameters:
    ///   - name: of letters, digits, `-`, `_` and `.`; not `grpc-…`, which is gRPC's own.
    ///   - value: printable ASCII. What cannot be sent is left out.
    public mutating func add(_ name: String, _ value: String) {
        entries.append(Entry(name: name.lowercased(), value: .text(value)))
    }

    /// - Parameter name: ends with `-bin`.
    public mutating func add(_ name: String, binary value: [UInt8]) {
        entries.append(Entry(name: name.lowercased(), value: .binary(value)))
    }

    /// The first text of this name.
    public subscript(name: String) -> String? {
        for entry in entries where entry.name == name {
            if case .text(let text) = entry.value { return text }
        }
        return nil
    }

    /// The first bytes of this name.
    public subscript(binary name: String) -> [UInt8]? {
        for entry in entries where entry.name == name {
            if case .binary(let bytes) = entry.value { return bytes }
        }
        return nil
    }
}

extension GRPCMetadata: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }
}
