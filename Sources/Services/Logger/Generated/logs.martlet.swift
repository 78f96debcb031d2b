// Written by protoc-gen-martlet from logs.proto. Change that, and generate anew.

internal import MartletCore
internal import MartletWire

/// What somebody has to say.
struct Log: Message, Hashable {
    static let messageName = "logs.Log"

    /// Who says it, or what about.
    var name: String = ""
    var data: String = ""
    /// What a newer schema has that this one has not.
    var unknownFields = UnknownFields()

    init() {}

    init(name: String = "", data: String = "") {
        self.name = name
        self.data = data
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
        visit.unknownFields(&unknownFields)
    }
}

struct LogRequest: Message, Hashable {
    static let messageName = "logs.LogRequest"

    /// Without it there is nothing to log: INVALID_ARGUMENT.
    var logEntry: Log?
    /// What a newer schema has that this one has not.
    var unknownFields = UnknownFields()

    init() {}

    init(logEntry: Log? = nil) {
        self.logEntry = logEntry
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "logEntry", &logEntry)
        visit.unknownFields(&unknownFields)
    }
}

struct LogResponse: Message, Hashable {
    static let messageName = "logs.LogResponse"

    /// `logged`
    var result: String = ""
    /// What a newer schema has that this one has not.
    var unknownFields = UnknownFields()

    init() {}

    init(result: String = "") {
        self.result = result
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "result", &result)
        visit.unknownFields(&unknownFields)
    }
}

/// Keeps log entries.
protocol LogServiceMethods: Sendable {
    /// Answers when the entry is safe on disk.
    func writeLog(_ request: LogRequest) async throws -> LogResponse
}

/// Keeps log entries.
struct LogService: RPCService {
    static let serviceName = "logs.LogService"
    static var schema: SchemaFile? { .logs }

    /// Answers when the entry is safe on disk.
    var writeLog: Endpoint<LogRequest, LogResponse>

    init(writeLog: Endpoint<LogRequest, LogResponse>) {
        self.writeLog = writeLog
    }

    /// An endpoint for each method.
    init(_ methods: some LogServiceMethods) {
        self.writeLog = Endpoint("writeLog") { try await methods.writeLog($0) }
    }

    func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {
        visit.unary("WriteLog", writeLog)
    }
}

/// Keeps log entries.
struct LogServiceClient<Channel: RPCChannel>: Sendable {
    let channel: Channel

    init(_ channel: Channel) { self.channel = channel }

    /// Answers when the entry is safe on disk.
    func writeLog(_ request: LogRequest) async throws -> LogResponse {
        try await channel.unary("/logs.LogService/WriteLog", request, as: LogResponse.self)
    }
}

extension SchemaFile {
    /// `logs.proto`
    static let logs = SchemaFile(
        name: "logs.proto",
        base64: """
            Cgpsb2dzLnByb3RvEgRsb2dzIi0KA0xvZxISCgRuYW1lGAEgASgJUgRuYW1lEhIKBGRhdGEYAiABKAlSBGRhdGEiMwoKTG9nUmVx\
            dWVzdBIlCghsb2dFbnRyeRgBIAEoCzIJLmxvZ3MuTG9nUghsb2dFbnRyeSIlCgtMb2dSZXNwb25zZRIWCgZyZXN1bHQYASABKAlS\
            BnJlc3VsdDI9CgpMb2dTZXJ2aWNlEi8KCFdyaXRlTG9nEhAubG9ncy5Mb2dSZXF1ZXN0GhEubG9ncy5Mb2dSZXNwb25zZUIHWgUv\
            bG9nc2IGcHJvdG8z
            """)
}
