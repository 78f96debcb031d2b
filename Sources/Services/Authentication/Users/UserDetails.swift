internal import MartletCore

/// What an administrator may say of a user, checked.
struct UserDetails: Sendable, Equatable {
    let email: String
    let firstName: String
    let lastName: String
    let active: Int

    /// The column's width in the original's schema, in characters.
    static let nameLimit = 255

    /// - Throws: `invalidArgument` with the first thing that is wrong.
    init(email: String, firstName: String = "", lastName: String = "", active: Int = 0) throws(ServiceError) {
        self.email = try EmailAddress.validated(email)
        self.firstName = try Self.validated(firstName, "the first name")
        self.lastName = try Self.validated(lastName, "the last name")
        guard active == 0 || active == 1 else { throw ServiceError(.invalidArgument, "active must be 0 or 1") }
        self.active = active
    }

    private static func validated(_ name: String, _ what: String) throws(ServiceError) -> String {
        guard name.unicodeScalars.count <= nameLimit else {
            throw ServiceError(.invalidArgument, "\(what) is longer than \(nameLimit) characters")
        }
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw ServiceError(.invalidArgument, "\(what) holds a control character")
        }
        return name
    }
}
