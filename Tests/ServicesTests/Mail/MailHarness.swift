import MartletCore
import MartletKit
import MartletRuntime
import MartletSMTP
import MartletSQLite
import MartletWire
import Testing

@testable import MailService

/// The mail service as it is deployed, in memory unless a store is named, and where its mailbox takes mail.
func withMail(
    _ environment: [String: String] = [:],
    _ body: (_ service: LiveService, _ smtp: SocketAddress) async throws -> Void
) async throws {
    let receiver = Locked<MailReceiver?>(nil)
    let environment = ["DSN": "sqlite::memory:", "SMTP_PORT": "0"].merging(environment) { $1 }
    try await withService(MailApp.name, keys: MailApp.keys, environment) { setup in
        let group = try await MailApp.make(setup)
        receiver.withLock { $0 = group.services.compactMap { $0 as? MailReceiver }.first }
        return group
    } body: { service in
        let address = try #require(receiver.withLock { $0 }?.server.address)
        try await body(service, address)
    }
}

extension LiveService {
    func messages(_ query: String = "") async throws -> MailPage {
        let reply = try await get("/messages\(query)")
        #expect(reply.status == 200, "\(reply.body)")
        return try JSON.decode(MailPage.self, from: Array(reply.body.utf8))
    }

    func message(_ id: Int64) async throws -> JSONValue {
        try JSON.decode(JSONValue.self, from: Array(try await get("/messages/\(id)").body.utf8))
    }

    /// Asks for mail, and expects that it is taken.
    func mail(_ subject: String, to: String = "you@there.com", message: String = "Hello") async throws {
        let reply = try await post("/send", #"{"to":"\#(to)","subject":"\#(subject)","message":"\#(message)"}"#)
        #expect(reply.status == 202, "\(reply.body)")
    }
}

/// Hands a message to the mailbox, as any program would.
func deliver(_ content: String, to address: SocketAddress, recipients: [String] = ["c@d"]) async throws {
    let client = SMTPClient(
        SMTPClient.Server(
            address: HostPort(host: address.host, port: Int(address.port ?? 0)), encryption: .none))
    let lines = content.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    try await client.send(
        Array((lines + "\r\n").utf8),
        SMTPEnvelope(sender: try MailAddress("a@b"), recipients: try recipients.map { try MailAddress($0) }))
}

func emptyStore(clock: @escaping @Sendable () -> Int64 = { WallTime.now.nanoseconds }) async throws -> MailStore {
    try await MailStore(try await SQLiteDatabase.open(.memory), clock: clock)
}

func newMail(_ subject: String, size: Int = 10) throws -> NewMail {
    NewMail(
        messageID: "1@x", envelope: SMTPEnvelope(sender: try MailAddress("a@b"), recipients: [try MailAddress("c@d")]),
        author: "a@b", subject: subject, text: "", source: [UInt8](repeating: 0x61, count: size))
}
