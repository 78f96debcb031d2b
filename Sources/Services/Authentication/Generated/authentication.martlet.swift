// Written by protoc-gen-martlet from authentication.proto. Change that, and generate anew.

internal import MartletCore
internal import MartletWire

struct AuthenticateRequest: Message, Hashable {
    static let messageName = "auth.AuthenticateRequest"

    var email: String = ""
    var password: String = ""
    /// What a newer schema has that this one has not.
    var unknownFields = UnknownFields()

    init() {}

    init(email: String = "", password: String = "") {
        self.email = email
        self.password = password
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "email", &email)
        visit.field(2, "password", &password)
        visit.unknownFields(&unknownFields)
    }
}

struct AuthenticateResponse: Message, Hashable {
    static let messageName = "auth.AuthenticateResponse"

    var user: AuthenticatedUser?
    /// What a newer schema has that this one has not.
    var unknownFields = UnknownFields()

    init() {}

    init(user: AuthenticatedUser? = nil) {
        self.user = user
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "user", &user)
        visit.unknownFields(&unknownFields)
    }
}

/// Somebody who has shown the right password, which is not in here.
struct AuthenticatedUser: Message, Hashable {
    static let messageName = "auth.AuthenticatedUser"

    var id: Int64 = 0
    var email: String = ""
    var firstName: String = ""
    var lastName: String = ""
    /// 1 for a user who may log in; not checked by Authenticate.
    var active: Int32 = 0
    var createdAt: Timestamp?
    var updatedAt: Timestamp?
    /// What a newer schema has that this one has not.
    var unknownFields = UnknownFields()

    init() {}

    init(
        id: Int64 = 0,
        email: String = "",
        firstName: String = "",
        lastName: String = "",
        active: Int32 = 0,
        createdAt: Timestamp? = nil,
        updatedAt: Timestamp? = nil
    ) {
        self.id = id
        self.email = email
        self.firstName = firstName
        self.lastName = lastName
        self.active = active
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "id", &id)
        visit.field(2, "email", &email)
        visit.field(3, "first_name", &firstName)
        visit.field(4, "last_name", &lastName)
        visit.field(5, "active", &active)
        visit.field(6, "created_at", &createdAt)
        visit.field(7, "updated_at", &updatedAt)
        visit.unknownFields(&unknownFields)
    }
}

/// Tells a right password from a wrong one.
protocol AuthServiceMethods: Sendable {
    /// A wrong password and an unknown address are both UNAUTHENTICATED.
    func authenticate(_ request: AuthenticateRequest) async throws -> AuthenticateResponse
}

/// Tells a right password from a wrong one.
struct AuthService: RPCService {
    static let serviceName = "auth.AuthService"
    static var schema: SchemaFile? { .authentication }

    /// A wrong password and an unknown address are both UNAUTHENTICATED.
    var authenticate: Endpoint<AuthenticateRequest, AuthenticateResponse>

    init(authenticate: Endpoint<AuthenticateRequest, AuthenticateResponse>) {
        self.authenticate = authenticate
    }

    /// An endpoint for each method.
    init(_ methods: some AuthServiceMethods) {
        self.authenticate = Endpoint("authenticate") { try await methods.authenticate($0) }
    }

    func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {
        visit.unary("Authenticate", authenticate)
    }
}

/// Tells a right password from a wrong one.
struct AuthServiceClient<Channel: RPCChannel>: Sendable {
    let channel: Channel

    init(_ channel: Channel) { self.channel = channel }

    /// A wrong password and an unknown address are both UNAUTHENTICATED.
    func authenticate(_ request: AuthenticateRequest) async throws -> AuthenticateResponse {
        try await channel.unary("/auth.AuthService/Authenticate", request, as: AuthenticateResponse.self)
    }
}

extension SchemaFile {
    /// `authentication.proto`
    static let authentication = SchemaFile(
        name: "authentication.proto",
        base64: """
            ChRhdXRoZW50aWNhdGlvbi5wcm90bxIEYXV0aBofZ29vZ2xlL3Byb3RvYnVmL3RpbWVzdGFtcC5wcm90byJHChNBdXRoZW50aWNh\
            dGVSZXF1ZXN0EhQKBWVtYWlsGAEgASgJUgVlbWFpbBIaCghwYXNzd29yZBgCIAEoCVIIcGFzc3dvcmQiQwoUQXV0aGVudGljYXRl\
            UmVzcG9uc2USKwoEdXNlchgBIAEoCzIXLmF1dGguQXV0aGVudGljYXRlZFVzZXJSBHVzZXIigwIKEUF1dGhlbnRpY2F0ZWRVc2Vy\
            Eg4KAmlkGAEgASgDUgJpZBIUCgVlbWFpbBgCIAEoCVIFZW1haWwSHQoKZmlyc3RfbmFtZRgDIAEoCVIJZmlyc3ROYW1lEhsKCWxh\
            c3RfbmFtZRgEIAEoCVIIbGFzdE5hbWUSFgoGYWN0aXZlGAUgASgFUgZhY3RpdmUSOQoKY3JlYXRlZF9hdBgGIAEoCzIaLmdvb2ds\
            ZS5wcm90b2J1Zi5UaW1lc3RhbXBSCWNyZWF0ZWRBdBI5Cgp1cGRhdGVkX2F0GAcgASgLMhouZ29vZ2xlLnByb3RvYnVmLlRpbWVz\
            dGFtcFIJdXBkYXRlZEF0MlQKC0F1dGhTZXJ2aWNlEkUKDEF1dGhlbnRpY2F0ZRIZLmF1dGguQXV0aGVudGljYXRlUmVxdWVzdBoa\
            LmF1dGguQXV0aGVudGljYXRlUmVzcG9uc2ViBnByb3RvMw==
            """,
        imports: [.importedGoogleProtobufTimestamp])

    private static let importedGoogleProtobufTimestamp = SchemaFile(
        name: "google/protobuf/timestamp.proto",
        base64: """
            Ch9nb29nbGUvcHJvdG9idWYvdGltZXN0YW1wLnByb3RvEg9nb29nbGUucHJvdG9idWYiOwoJVGltZXN0YW1wEhgKB3NlY29uZHMY\
            ASABKANSB3NlY29uZHMSFAoFbmFub3MYAiABKAVSBW5hbm9zQoUBChNjb20uZ29vZ2xlLnByb3RvYnVmQg5UaW1lc3RhbXBQcm90\
            b1ABWjJnb29nbGUuZ29sYW5nLm9yZy9wcm90b2J1Zi90eXBlcy9rbm93bi90aW1lc3RhbXBwYvgBAaICA0dQQqoCHkdvb2dsZS5Q\
            cm90b2J1Zi5XZWxsS25vd25UeXBlc2IGcHJvdG8z
            """)
}
