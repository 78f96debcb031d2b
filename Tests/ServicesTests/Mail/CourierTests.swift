import MartletCore
import MartletKit
import MartletRuntime
import MartletSMTP
import MartletSQLite
import Testing

@testable import MailService

@Suite("The courier", .timeLimit(.minutes(1)))
struct CourierTests {
    private struct Refused: Error, CustomStringConvertible { let description = "not now" }

    /// Runs a courier until `isDone` says so.
    private func withCourier(
        _ store: MailStore, giveUpAfter: Duration = .seconds(60),
        until isDone: @escaping @Sendable () async throws -> Bool,
        send: @escaping @Sendable ([UInt8], SMTPEnvelope) async throws -> Void
    ) async throws {
        let queue = DeliveryQueue(byteLimit: 1 << 20)
        let metrics = Metrics()
        let courier = Courier(
            store: store, queue: queue,
            schedule: RetrySchedule(first: .milliseconds(1), longest: .milliseconds(2), giveUpAfter: giveUpAfter),
            workers: 3, logger: .disabled, outcomes: metrics.counters("mails", help: "", labels: ["outcome"]),
            send: send)
        let signal = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ShutdownSignal.$current.withValue(signal) { try await courier.run() } }
            while try await !isDone() { try await Task.sleep(for: .milliseconds(5)) }
            signal.trigger()
            try await group.waitForAll()
        }
    }

    private func states(_ store: MailStore) async throws -> [String] {
        try await store.page(MailQuery()).messages.map(\.state)
    }

    @Test("tries a mail again until the server takes it, and then never again")
    func retries() async throws {
        let store = try await emptyStore()
        _ = try await store.add(try newMail("s"), state: .queued)
        let tries = Locked(0)
        try await withCourier(store) {
            try await states(store) == ["sent"]
        } send: { content, envelope in
            #expect(content.count == 10 && envelope.recipients.map(\.description) == ["c@d"])
            if tries.withLock({
                $0 += 1
                return $0 < 4
            }) {
                throw Refused()
            }
        }
        let mail = try #require(try await store.page(MailQuery()).messages.first)
        #expect(mail.attempts == 4)
        #expect(mail.lastError == nil && mail.nextTry == nil)
        #expect(tries.withLock { $0 } == 4)
    }

    @Test("gives up after a time, and keeps the mail and the reason")
    func deadLetter() async throws {
        // A clock that goes on by a little with each look at it.
        let time = Locked<Int64>(0)
        let store = try await emptyStore {
            time.withLock {
                $0 += 2_000_000
                return $0
            }
        }
        _ = try await store.add(try newMail("s"), state: .queued)
        try await withCourier(store, giveUpAfter: .milliseconds(100)) {
            try await states(store) == ["dead"]
        } send: { _, _ in
            throw Refused()
        }
        let mail = try #require(try await store.page(MailQuery()).messages.first)
        #expect(mail.attempts > 1)
        #expect(mail.lastError == "not now" && mail.nextTry == nil)
        #expect(try await store.redrive(mail.id) == 10)
        #expect(try await states(store) == ["queued"])
        #expect(try await store.redrive(mail.id) == nil, "it is no dead letter any more")
    }

    @Test("a mail that is deleted while it is handed over is not tried again, nor after a restart, whatever came of it")
    func deletedOnItsWay() async throws {
        for isTaken in [true, false] {
            let store = try await emptyStore()
            let id = try await store.add(try newMail("s"), state: .queued, key: "k").id
            let tries = Locked(0)
            let send: @Sendable ([UInt8], SMTPEnvelope) async throws -> Void = { _, _ in
                tries.withLock { $0 += 1 }
                #expect(try await store.delete(id)?.state == .queued)
                if !isTaken { throw Refused() }
            }
            try await withCourier(store, until: { tries.withLock { $0 } > 0 }, send: send)
            // What a new process does with what it finds.
            try await store.releaseClaims()
            #expect(try await store.backlog().count == 0)
            _ = try await store.add(try newMail("other"), state: .queued)
            try await withCourier(store) {
                try await states(store) == ["sent"]
            } send: { _, _ in
                tries.withLock { $0 += 1 }
            }
            #expect(tries.withLock { $0 } == 2, "one of each mail")
            #expect(try await store.add(try newMail("s"), state: .queued, key: "k").isNew == false)
        }
    }

    @Test("loses no mail among many, with a server that fails now and then")
    func many() async throws {
        let store = try await emptyStore()
        for number in 0..<200 { _ = try await store.add(try newMail("\(number)"), state: .queued) }
        let (tries, taken) = (Locked(0), Locked(0))
        try await withCourier(store) {
            try await store.backlog().count == 0
        } send: { _, _ in
            if tries.withLock({
                $0 += 1
                return $0 % 3 == 0
            }) {
                throw Refused()
            }
            taken.withLock { $0 += 1 }
        }
        #expect(taken.withLock { $0 } == 200)
        #expect(try await Set(states(store)) == ["sent"])
    }

    @Test("a claim is nobody else's, until it is over or its process has ended")
    func claims() async throws {
        let time = Locked<Int64>(0)
        let store = try await emptyStore { time.withLock { $0 } }
        _ = try await store.add(try newMail("s"), state: .queued)
        #expect(try await store.claim(for: .seconds(10))?.attempts == 1)
        #expect(try await store.claim(for: .seconds(10)) == nil)
        time.withLock { $0 = 10_000_000_000 }
        #expect(try await store.claim(for: .seconds(10))?.attempts == 2)
        #expect(try await store.claim(for: .seconds(10)) == nil)
        try await store.releaseClaims()
        #expect(try await store.claim(for: .seconds(10))?.attempts == 3, "the attempt of the process that died counts")
    }

    @Test("waits twice as long each time, give or take a fifth, and at most so long")
    func schedule() {
        let schedule = RetrySchedule(giveUpAfter: .seconds(86_400))
        for (attempts, seconds) in [(1, 1.0), (2, 2), (3, 4), (10, 512), (13, 3600), (1000, 3600)] {
            let wait = schedule.wait(after: attempts, age: .zero)?.inSeconds ?? 0
            #expect(wait >= 0.79 * seconds && wait <= 1.21 * seconds, "\(attempts): \(wait)")
        }
        #expect(schedule.wait(after: 1, age: .seconds(86_400)) == nil)
    }

    @Test("a queue that is full refuses, and has room again when a mail is gone")
    func room() throws {
        let queue = DeliveryQueue(countLimit: 2, byteLimit: 100)
        try queue.admit(bytes: 60)
        #expect(throws: ServiceError.self) { try queue.admit(bytes: 41) }
        try queue.admit(bytes: 40)
        queue.forget(bytes: 40)
        try queue.admit(bytes: 10)
        #expect(throws: ServiceError.self) { try queue.admit(bytes: 10) }
    }

    // MARK: The whole service

    @Test("mail goes to the mail server that MAIL_HOST names, and its copy says that it was sent")
    func delivered() async throws {
        let got = Locked<[ReceivedMail]>([])
        let server = SMTPServer(
            address: .loopback(port: 0),
            handler: Endpoint("take", exchange: .smtp) { mail in
                got.withLock { $0.append(mail) }
                return MailReceipt(id: 1)
            })
        try server.start()
        let port = try #require(server.address?.port)
        for environment in [
            ["MAIL_HOST": "127.0.0.1", "MAIL_PORT": "\(port)", "MAIL_ENCRYPTION": "none"],
            ["MAIL_DSN": "smtp://127.0.0.1:\(port)"],
        ] {
            got.withLock { $0 = [] }
            try await withMail(environment) { service, _ in
                try await service.mail("s", to: "x@y")
                while try await service.messages().messages.first?.state != "sent" {
                    try await Task.sleep(for: .milliseconds(5))
                }
                let mail = try #require(got.withLock { $0 }.first)
                #expect(mail.envelope.recipients.map(\.description) == ["x@y"])
                let source = try await service.get("/messages/1/source").body
                #expect(String(decoding: mail.content, as: UTF8.self) == source)
            }
        }
        await server.drain()
    }

    @Test(
        "settings that contradict each other or mean nothing are refused",
        arguments: [
            ["MAIL_DSN": "mailbox:", "MAIL_HOST": "h"], ["MAIL_DSN": "amqp://h"], ["MAIL_DSN": "smtp://"],
            ["MAIL_PORT": "no number"], ["MAIL_HOST": "a b"], ["FROM_ADDRESS": "nobody"], ["MAILBOX_TOKEN": "short"],
            ["MAIL_DOMAIN": "a\r\nb"],
        ])
    func settings(environment: [String: String]) {
        #expect(throws: ConfigurationError.self) {
            try Configuration.load(
                StandardKeys.everyService + MailApp.keys, from: Configuration.Input(environment: environment),
                checks: MailApp.checks)
        }
    }

    @Test(
        "the words of MAIL_ENCRYPTION mean what the original makes of them",
        arguments: [
            ("tls", SMTPEncryption.opportunistic), ("ssl", .implicit), ("none", .none), ("", .none),
            ("localhost", .opportunistic), ("starttls", .required),
        ])
    func encryption(word: String, meaning: SMTPEncryption) {
        #expect(SMTPEncryption(word: word) == meaning)
    }
}
