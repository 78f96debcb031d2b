internal import MartletCore
internal import MartletWire

/// `POST /authenticate`.
struct Credentials: Message {
    static let messageName = "Credentials"
    var email = ""
    var password = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "email", &email)
        visit.field(2, "password", &password)
    }
}

/// `POST /users`, and without the password `PUT /users/{id}`.
struct UserForm: Message {
    static let messageName = "UserForm"
    var email = ""
    var firstName = ""
    var lastName = ""
    var active: Int?
    var password = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "email", &email)
        visit.field(2, "first_name", &firstName)
        visit.field(3, "last_name", &lastName)
        visit.field(4, "active", &active)
        visit.field(5, "password", &password)
    }

    /// - Throws: `invalidArgument` with what is wrong.
    func details(active: Int) throws(ServiceError) -> UserDetails {
        try UserDetails(email: email, firstName: firstName, lastName: lastName, active: active)
    }
}

/// `POST /users/{id}/password`.
struct PasswordForm: Message {
    static let messageName = "PasswordForm"
    var password = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "password", &password)
    }
}

/// What `POST /users` answers with.
struct UserID: Message {
    static let messageName = "UserID"
    var id = 0

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "id", &id)
    }
}

/// What `GET /users` answers with.
struct UserPage: Message {
    static let messageName = "UserPage"
    var users: [User] = []
    /// For `?cursor=`; absent on the last page.
    var next = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "users", &users)
        visit.field(2, "next", &next, .omitEmpty)
    }
}

/// What the logger is told of a good login (contracts, course A.4).
struct LoginEntry: Message {
    static let messageName = "LoginEntry"
    var name = "authentication"
    var data = ""

    init() {}

    init(email: String) { data = "\(email) logged in" }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
    }
}
