import Glibc
import MartletCore
import Testing

@testable import MartletRuntime

@Suite("Offload", .timeLimit(.minutes(1)))
struct OffloadTests {
    @Test("work runs off the loop, and its result and its error come back")
    func results() async throws {
        struct Refused: Error {}
        try await withLoop { loop in
            let answer = try await offload { 6 * 7 }
            #expect(answer == 42)
            await #expect(throws: Refused.self) { try await offload { throw Refused() } }
            #expect(EventLoop.current === loop)
        }
    }

    @Test("a full queue is refused at once, and what was queued is still done")
    func fullQueue() async throws {
        let pool = OffloadPool(name: "tiny", threads: 1, queueLimit: 2)
        let gate = BlockingGate()
        let first = Task { try await pool.run { gate.enterAndWait() } }
        await gate.waitUntilEntered()
        let queued = (0..<2).map { index in Task { try await pool.run { index } } }
        while pool.waiting < 2 { await Task.yield() }
        do {
            _ = try await pool.run { 3 }
            Issue.record("a third one was taken in")
        } catch let error as ServiceError {
            #expect(error.code == .unavailable)
            #expect(error.retryAfter != nil)
        }
        gate.open()
        try await first.value
        #expect(try await queued[0].value == 0)
        #expect(try await queued[1].value == 1)
    }

    @Test("a cancelled call leaves the queue; a deadline that passed in the queue is not worked on")
    func cancelledAndLate() async throws {
        let pool = OffloadPool(name: "tiny", threads: 1, queueLimit: 8)
        let gate = BlockingGate()
        let ran = Locked(0)
        let first = Task { try await pool.run { gate.enterAndWait() } }
        await gate.waitUntilEntered()
        let cancelled = Task { try await pool.run { ran.withLock { $0 += 1 } } }
        let late = Task {
            let context = CallContext(trace: .root(), deadline: .now)
            try await CallContext.$current.withValue(context) {
                try await pool.run { ran.withLock { $0 += 1 } }
            }
        }
        while pool.waiting < 2 { await Task.yield() }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        gate.open()
        do {
            try await late.value
            Issue.record("late work was done")
        } catch let error as ServiceError {
            #expect(error.code == .deadlineExceeded)
        }
        try await first.value
        #expect(ran.withLock { $0 } == 0)
    }

    @Test("a cancelled call gives its place in the queue to the next")
    func cancelledGivesItsPlace() async throws {
        let pool = OffloadPool(name: "tiny", threads: 1, queueLimit: 1)
        let gate = BlockingGate()
        let first = Task { try await pool.run { gate.enterAndWait() } }
        await gate.waitUntilEntered()
        let cancelled = Task { try await pool.run { 1 } }
        while pool.waiting < 1 { await Task.yield() }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(pool.waiting == 0)
        let next = Task { try await pool.run { 2 } }
        while pool.waiting < 1 { await Task.yield() }
        gate.open()
        #expect(try await next.value == 2)
        try await first.value
    }

    @Test("a machine without threads is an error of the call; the next call tries again")
    func noThread() async throws {
        let hasThreads = Locked(false)
        let pool = OffloadPool(name: "tiny", threads: 2, queueLimit: 8) { name, body in
            hasThreads.withLock { $0 } && Thread.start(named: name, body)
        }
        do {
            _ = try await pool.run { 1 }
            Issue.record("it ran without a thread")
        } catch let error as ServiceError {
            #expect(error.code == .unavailable)
        }
        #expect(pool.waiting == 0)
        hasThreads.withLock { $0 = true }
        #expect(try await pool.run { 2 } == 2)
    }
}

/// Holds a thread of a pool until it is told to go on.
final class BlockingGate: @unchecked Sendable {  // A semaphore is made for being shared.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let entered = ShutdownSignal()

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func enterAndWait() {
        entered.trigger()
        while sem_wait(semaphore) != 0 {}  // A signal may interrupt it.
    }

    func waitUntilEntered() async { await entered.wait() }

    func open() { sem_post(semaphore) }
}

@Suite("Names and addresses", .timeLimit(.minutes(1)))
struct ResolverTests {
    @Test("figures are answered without a lookup; localhost comes from the hosts file")
    func knownNames() async throws {
        try await withLoop { _ in
            let figures = try await Resolver.addresses(of: "192.0.2.7", port: 80, deadline: .now + .seconds(5))
            #expect(figures.map(\.description) == ["192.0.2.7:80"])
            let six = try await Resolver.addresses(of: "::1", port: 80, deadline: .now + .seconds(5))
            #expect(six.map(\.description) == ["[::1]:80"])
            let local = try await Resolver.addresses(of: "localhost", port: 8080, deadline: .now + .seconds(5))
            #expect(local.contains { $0.description == "127.0.0.1:8080" })
        }
    }

    @Test("a name that nobody answers for ends at the deadline or with a reason, and frees its channel")
    func unknownName() async throws {
        try await withLoop { _ in
            await #expect(throws: ConnectionError.self) {
                try await Resolver.addresses(of: "no-such-host.invalid", port: 80, deadline: .now + .milliseconds(300))
            }
        }
    }

    @Test(
        "what is no address is refused",
        arguments: ["", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::g", "[::1]"])
    func badAddresses(text: String) {
        #expect(throws: ServiceError.self) { try SocketAddress(host: text, port: 1) }
    }
}
