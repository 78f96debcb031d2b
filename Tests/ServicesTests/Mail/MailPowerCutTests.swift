import MartletCore
import MartletSMTP
import MartletSQLite
import PowerCutChecks
import Testing

@testable import MailService

@Suite("The mail service and a power cut", .timeLimit(.minutes(2)))
struct MailPowerCutTests {
    private func subjects(on disk: SimulatedDisk) async throws -> [String] {
        try await disk.withDatabase { database in
            var query = MailQuery()
            query.limit = 500
            return try await MailStore(database).page(query).messages.map(\.subject)
        }
    }

    private func office(_ store: MailStore) throws -> PostOffice {
        PostOffice(
            store: store, templates: try MailTemplates(),
            sender: NamedMailAddress(address: try MailAddress("a@b")), domain: "here",
            queue: DeliveryQueue(byteLimit: 1 << 30), intake: MailIntake(limit: 1 << 30))
    }

    private func keys(_ name: String, _ count: Int) -> [String] { (0..<count).map { "\(name).\($0)" } }

    /// As many callers at once; every second with an idempotency key, and twice.
    private func send(
        _ count: Int, named name: String, through office: PostOffice, _ disk: SimulatedDisk, _ ledger: Ledger
    ) async throws {
        let sendMail = office.sendMail
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, key) in keys(name, count).enumerated() {
                let text = String(repeating: "x", count: number % 5 == 4 ? 6000 : 60)
                let request = MailRequest(to: "c@d", subject: key, message: text)
                group.addTask {
                    try await disk.untilCut {
                        try await ledger.add(key) {
                            guard number % 2 == 1 else {
                                _ = try await sendMail(request)
                                return
                            }
                            let context = CallContext(trace: .root(isSampled: false), idempotencyKey: key)
                            try await CallContext.$current.withValue(context) {
                                _ = try await sendMail(request)
                                _ = try await sendMail(request)
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("every mail that was answered is kept, once, whether it waits or was delivered; what was deleted stays so")
    func everyAnswer() async throws {
        let report = try await PowerCut.everyCut { disk, ledger in
            for start in 0..<2 {
                try await disk.withDatabase { database in
                    let store = try await MailStore(database)
                    let office = try office(store)
                    for round in 0..<3 {
                        try await send(8, named: "\(start).\(round)", through: office, disk, ledger)
                        for attempt in 0..<4 {
                            try await disk.untilCut {
                                guard let mail = try await store.claim(for: .seconds(60)) else { return }
                                _ =
                                    attempt % 2 == 0
                                    ? try await store.delivered(mail.id)
                                    : try await store.failed(mail.id, because: "not now", retryIn: .zero)
                            }
                        }
                        if round == 1 { try disk.checkpoint() }
                    }
                    let first = try await store.page(MailQuery()).messages.filter {
                        $0.subject.hasPrefix("\(start).1.")
                    }
                    for mail in first {
                        try await disk.untilCut {
                            try await ledger.remove([mail.subject]) { _ = try await store.delete(mail.id) }
                        }
                    }
                }
            }
        } audit: {
            try await subjects(on: $0)
        }
        #expect(report.problems.isEmpty, "\(report)")
        #expect(report.cuts >= 100 && report.answers > report.cuts, "\(report)")
    }
}
