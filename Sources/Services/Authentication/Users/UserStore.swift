internal import MartletCore

/// Where users are kept. Addresses are compared without regard to case, and no two users share one.
///
/// Every call throws `ServiceError`: `unavailable` and the like when the store cannot answer, `alreadyExists` for an
/// address that is taken. Any other error is the store's own fault, and its text is for the log alone.
protocol UserStore: Sendable {
    /// - Throws: also ``UnreadableUser``.
    func account(email: String) async throws -> Account?
    func user(id: Int) async throws -> User?
    func user(email: String) async throws -> User?
    /// By last name, and by id where that is equal; those after `position`, `limit` at most.
    func users(after position: UserPosition?, limit: Int) async throws -> [User]
    /// The new user's id. Ids are never used again.
    func insert(_ details: UserDetails, passwordHash: String) async throws -> Int
    /// The user as it is now; nil when there is none with this id.
    func update(id: Int, to details: UserDetails) async throws -> User?
    /// Whether there was such a user.
    func delete(id: Int) async throws -> Bool
    /// Whether there is such a user.
    func setPasswordHash(_ hash: String, ofUser id: Int) async throws -> Bool
}

/// A row that is there and makes no sense: NULL where a value must be, a time that is none.
struct UnreadableUser: Error, CustomStringConvertible {
    var description: String
}

/// A place in the list of users.
struct UserPosition: Sendable, Equatable {
    var lastName: String
    var id: Int
}

extension UserPosition {
    init(_ user: User) { self.init(lastName: user.lastName, id: user.id) }

    /// For a URL, and for nobody to read: the id, a dash, the last name's bytes in hexadecimal.
    var cursor: String {
        let digits = lastName.utf8.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return "\(id)-\(digits.joined())"
    }

    /// Nil for anything that ``cursor`` does not write.
    init?(cursor: String) {
        guard cursor.utf8.count <= 20 + 8 * UserDetails.nameLimit else { return nil }
        let parts = cursor.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count.isMultiple(of: 2), let id = Int(Substring(parts[0])) else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[1]
        while !rest.isEmpty {
            guard let byte = UInt8(Substring(rest.prefix(2)), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        guard let name = String(validating: bytes, as: UTF8.self) else { return nil }
        self.init(lastName: name, id: id)
    }
}
