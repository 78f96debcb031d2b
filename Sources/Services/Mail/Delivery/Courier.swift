internal import MartletCore
internal import MartletKit
internal import MartletSMTP

/// Takes mails from the queue to the mail server, several at once, until each is delivered or is a dead letter.
///
/// At least once: a process that dies between the server's answer and the note of it delivers the mail again, with the
/// same message id.
struct Courier: Service {
    let name = "courier"
    let store: MailStore
    let queue: DeliveryQueue
    let schedule: RetrySchedule
    let workers: Int
    let logger: Logger
    let outcomes: LabelledMetrics<Counter>
    let send: @Sendable ([UInt8], SMTPEnvelope) async throws -> Void

    /// Longer than an attempt can take.
    private static let lease: Duration = .seconds(300)
    /// The queue is looked at this often even if nobody rings.
    private static let patience: Duration = .seconds(60)

    func run() async throws {
        let signal = ShutdownSignal.current ?? ShutdownSignal()
        let registration = signal.onTrigger { queue.ring() }
        defer { signal.remove(registration) }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<workers { group.addTask { await work(until: signal) } }
        }
    }

    private func work(until signal: ShutdownSignal) async {
        while !signal.isTriggered, !Task.isCancelled {
            let bell = queue.bell.next()
            do {
                if let mail = try await store.claim(for: Self.lease) {
                    await deliver(mail)
                } else {
                    let due = try await store.nextDue() ?? Self.patience
                    if !signal.isTriggered {
                        _ = await bell.wait(atMost: min(max(due, .milliseconds(10)), Self.patience))
                    }
                }
            } catch {
                logger.warning("the queue of mails cannot be read: \(error)")
                if !signal.isTriggered { _ = await bell.wait(atMost: .seconds(1)) }
            }
        }
    }

    private func deliver(_ mail: ClaimedMail) async {
        do {
            try await send(mail.source, mail.envelope)
        } catch {
            return await failed(mail, error)
        }
        outcomes.with("sent").increment()
        do {
            if try await store.delivered(mail.id) { queue.forget(bytes: mail.source.count) }
        } catch {
            logger.error("mail \(mail.id) was delivered, and will be again: \(error)")
        }
    }

    private func failed(_ mail: ClaimedMail, _ error: any Error) async {
        let isPermanent = (error as? SMTPClientError)?.isPermanent == true
        let age = Duration.nanoseconds(max(store.clock() - mail.createdAt, 0))
        let wait = isPermanent ? nil : schedule.wait(after: mail.attempts, age: age)
        let reason = String("\(error)".prefix(1000))
        outcomes.with(wait == nil ? "dead" : "retried").increment()
        logger.warning(
            wait == nil ? "a mail could not be delivered" : "a mail was not delivered yet",
            metadata: ["mail": .integer(mail.id), "attempts": .integer(Int64(mail.attempts)), "error": .string(reason)])
        do {
            let wasThere = try await store.failed(mail.id, because: reason, retryIn: wait)
            if wasThere, wait == nil { queue.forget(bytes: mail.source.count) }
        } catch {
            // The claim ends by itself.
            logger.error("what became of mail \(mail.id) was not kept: \(error)")
        }
    }
}
