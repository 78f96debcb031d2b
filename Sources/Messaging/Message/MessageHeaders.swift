internal import MartletCore

/// The headers of a message: few, short, in the order they were set. Names are lower case by convention, and compared
/// as they are.
public struct MessageHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    public struct Field: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public private(set) var fields: [Field] = []

    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { self[name] = value }
    }

    /// As a driver read them; of a repeated name, the last counts.
    public init(_ fields: [Field]) {
        self.fields.reserveCapacity(fields.count)
        for field in fields { self[field.name] = field.value }
    }

    public subscript(name: String) -> String? {
        get { fields.first { $0.name == name }?.value }
        set {
            let index = fields.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): fields[index].value = value
            case (let index?, nil): fields.remove(at: index)
            case (nil, let value?): fields.append(Field(name, value))
            case (nil, nil): break
            }
        }
    }
}

/// What a message may carry in its headers.
public enum MessageHeaderLimits {
    public static let count = 64
    /// Bytes of a name, all of them printable ASCII without a colon or blank.
    public static let name = 255
    /// Bytes of a value: UTF-8 without control characters.
    public static let value = 4096
    /// Bytes of all names and values together.
    public static let total = 16 << 10
}

extension MessageHeaders {
    func check() throws(ServiceError) {
        guard fields.count <= MessageHeaderLimits.count else {
            throw ServiceError(.invalidArgument, "a message has at most \(MessageHeaderLimits.count) headers")
        }
        var total = 0
        for field in fields {
            let name = field.name.utf8
            guard (1...MessageHeaderLimits.name).contains(name.count),
                name.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
            else {
                throw ServiceError(.invalidArgument, "a header's name is 1 to 255 bytes of printable ASCII")
            }
            guard field.value.utf8.count <= MessageHeaderLimits.value,
                field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else {
                throw ServiceError(
                    .invalidArgument, "a header's value is up to 4096 bytes without control characters")
            }
            total += name.count + field.value.utf8.count
        }
        guard total <= MessageHeaderLimits.total else {
            throw ServiceError(.invalidArgument, "a message's headers take at most \(MessageHeaderLimits.total) bytes")
        }
    }
}
