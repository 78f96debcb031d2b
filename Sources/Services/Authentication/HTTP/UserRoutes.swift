internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

/// What the original's model can do and has no routes for (contracts, course A.4), for an administrator.
///
/// | route | body | answer |
/// | --- | --- | --- |
/// | `GET /users?limit=&cursor=` | | 200, by last name; `next` is for `cursor` |
/// | `GET /users?email=` | | 200, none or one |
/// | `GET /users/{id}` | | 200, the user |
/// | `POST /users` | email, first_name, last_name, active, password | 201, the id, `Location` |
/// | `PUT /users/{id}` | email, first_name, last_name, active | 200, the user as it is now |
/// | `DELETE /users/{id}` | | 200 |
/// | `POST /users/{id}/password` | password | 200 |
struct UserRoutes: Sendable {
    let store: any UserStore
    let hasher: PasswordHasher
    let gate: AdminGate

    static let pageLimit = 500
    static let standardPage = 100

    func add(to router: inout Router) {
        router.get("/users", gate.guarding(list))
        router.post("/users", gate.guarding(create))
        router.get("/users/{id}", gate.guarding(read))
        router.on(.put, "/users/{id}", gate.guarding(update))
        router.on(.delete, "/users/{id}", gate.guarding(delete))
        router.post("/users/{id}/password", gate.guarding(setPassword))
    }

    @Sendable
    private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        if let email = request.query["email"] {
            let user = EmailAddress.isPlausible(email) ? try await store.user(email: email) : nil
            return page(user.map { [$0] } ?? [], next: "")
        }
        let limit = try pageSize(request.query["limit"])
        let position = try request.query["cursor"].map { cursor throws(ServiceError) in
            guard let position = UserPosition(cursor: cursor) else {
                throw ServiceError(.invalidArgument, "cursor must be the \"next\" of an earlier page")
            }
            return position
        }
        // One more than asked for tells whether there is a next page.
        let users = try await store.users(after: position, limit: limit + 1)
        let shown = Array(users.prefix(limit))
        let next = users.count > limit ? shown.last.map { UserPosition($0).cursor } : nil
        return page(shown, next: next ?? "")
    }

    private func page(_ users: [User], next: String) -> HTTPResponse {
        .json(.ok, Envelope(message: Self.counted(users.count), data: UserPage(users: users, next: next)))
    }

    private static func counted(_ count: Int) -> String { count == 1 ? "1 user" : "\(count) users" }

    private func pageSize(_ text: String?) throws(ServiceError) -> Int {
        guard let text else { return Self.standardPage }
        guard let limit = Int(text), (1...Self.pageLimit).contains(limit) else {
            throw ServiceError(.invalidArgument, "limit must be an integer from 1 to \(Self.pageLimit)")
        }
        return limit
    }

    @Sendable
    private func read(_ request: HTTPRequest) async throws -> HTTPResponse {
        let id = try id(in: request)
        guard let user = try await store.user(id: id) else { throw Self.missing(id) }
        return .json(.ok, Envelope(message: "User \(id)", data: user))
    }

    @Sendable
    private func create(_ request: HTTPRequest) async throws -> HTTPResponse {
        let form = try await request.json(UserForm.self)
        let details = try form.details(active: form.active ?? 0)
        let password = try Password(new: form.password)
        // Before the hash: 0.2 s of work for an address that is taken are 0.2 s that nobody can log in.
        guard try await store.user(email: details.email) == nil else {
            throw ServiceError(.alreadyExists, "there is a user with this e-mail address already")
        }
        let id = try await store.insert(details, passwordHash: try await hasher.hash(password))
        var response = HTTPResponse.json(.created, Envelope(message: "Created user \(id)", data: UserID(id: id)))
        response.headers["Location"] = "/users/\(id)"
        return response
    }

    @Sendable
    private func update(_ request: HTTPRequest) async throws -> HTTPResponse {
        let id = try id(in: request)
        let form = try await request.json(UserForm.self)
        guard form.password.isEmpty else {
            throw ServiceError(.invalidArgument, "the password is set by POST /users/\(id)/password")
        }
        // Everything is replaced: whoever leaves `active` out has not said that the user shall be inactive.
        guard let active = form.active else { throw ServiceError(.invalidArgument, "active must be 0 or 1") }
        guard let user = try await store.update(id: id, to: try form.details(active: active)) else {
            throw Self.missing(id)
        }
        return .json(.ok, Envelope(message: "Changed user \(id)", data: user))
    }

    @Sendable
    private func delete(_ request: HTTPRequest) async throws -> HTTPResponse {
        let id = try id(in: request)
        guard try await store.delete(id: id) else { throw Self.missing(id) }
        return .json(.ok, PlainEnvelope(message: "Deleted user \(id)"))
    }

    @Sendable
    private func setPassword(_ request: HTTPRequest) async throws -> HTTPResponse {
        let id = try id(in: request)
        let password = try Password(new: try await request.json(PasswordForm.self).password)
        guard try await store.user(id: id) != nil,
            try await store.setPasswordHash(try await hasher.hash(password), ofUser: id)
        else { throw Self.missing(id) }
        return .json(.ok, PlainEnvelope(message: "Changed the password of user \(id)"))
    }

    private func id(in request: HTTPRequest) throws(ServiceError) -> Int {
        guard let text = request.parameters["id"], text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let id = Int(text), id > 0
        else { throw ServiceError(.invalidArgument, "the id must be a positive integer") }
        return id
    }

    private static func missing(_ id: Int) -> ServiceError { ServiceError(.notFound, "there is no user \(id)") }
}
