/// The members of a JSON object in the order of the document, each key once.
///
/// An array, because most objects are small and order matters to a reader; looking up a key takes time in proportion
/// to the members. Keys are equal when their bytes are, which Swift's own comparison of strings does not ask for.
public struct JSONObject: Sendable, Hashable {
    public struct Member: Sendable, Hashable {
        public var key: String
        public var value: JSONValue

        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    public private(set) var members: [Member]

    /// A repeated key keeps its first place and its last value.
    public init(_ members: [Member] = []) {
        self.members = members
        if members.count <= Self.searchLimit {
            removeRepeatsBySearch()
        } else {
            removeRepeatsByHash()
        }
    }

    public subscript(_ key: String) -> JSONValue? {
        get { index(of: key).map { members[$0].value } }
        set {
            switch (index(of: key), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// By the bytes of the key.
    var sortedMembers: [Member] {
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private func index(of key: String) -> Int? {
        members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
    }

    // MARK: Repeated keys

    /// Up to here comparing each with each is cheaper than hashing.
    private static let searchLimit = 12

    private mutating func removeRepeatsBySearch() {
        var index = 1
        while index < members.count {
            let key = members[index].key
            if let first = members[..<index].firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) {
                members[first].value = members.remove(at: index).value
            } else {
                index += 1
            }
        }
    }

    private mutating func removeRepeatsByHash() {
        var places = [Key: Int](minimumCapacity: members.count)
        var kept = 0
        for index in members.indices {
            let key = Key(text: members[index].key)
            if let first = places[key] {
                members[first].value = members[index].value
            } else {
                places[key] = kept
                if kept != index { members.swapAt(kept, index) }
                kept += 1
            }
        }
        members.removeSubrange(kept...)
    }

    private struct Key: Hashable {
        let text: String

        static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}
