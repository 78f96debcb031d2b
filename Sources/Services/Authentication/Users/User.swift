internal import MartletWire

/// Somebody who can log in, as others may see them: the password's hash is not part of it.
struct User: Sendable, Equatable {
    var id = 0
    /// As it was given. Compared without regard to case.
    var email = ""
    /// May be empty.
    var firstName = ""
    /// May be empty.
    var lastName = ""
    /// 1 or 0. Kept for whoever reads it; logging in does not ask for it, as in the original.
    var active = 0
    var createdAt = Timestamp()
    var updatedAt = Timestamp()
}

/// A user with what proves who they are. Never leaves the service.
struct Account: Sendable {
    var user: User
    /// As `crypt` writes it. What is no hash at all matches no password.
    var passwordHash: String
}
