import MartletCore
import Testing

@testable import MartletKit

private struct Broken: Error, Equatable {}

/// What happened, in order.
private final class Journal: Sendable {
    private let kept = Locked<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    func add(_ line: String) { kept.withLock { $0.append(line) } }
}

/// A part that writes down what is done with it.
private struct Part: StartableService {
    enum Course {
        case untilAsked, ends, fails, ignoresTheSignal, cannotStart
    }

    let name: String
    let journal: Journal
    var course = Course.untilAsked

    func start() async throws {
        journal.add("start \(name)")
        if course == .cannotStart { throw Broken() }
    }

    func run() async throws {
        switch course {
        case .untilAsked: await ShutdownSignal.wait()
        case .ends: break
        case .fails: throw Broken()
        case .ignoresTheSignal:
            await ShutdownSignal().wait()
            journal.add("cancelled \(name)")
            throw CancellationError()
        case .cannotStart: Issue.record("run without having started")
        }
        journal.add("stop \(name)")
    }
}

/// A part that has nothing to start, and something to let go of.
private struct Keeper: Service {
    let name: String
    let journal: Journal

    func run() async throws {
        await ShutdownSignal.wait()
        journal.add("stop \(name)")
    }
}

@Suite("Service group", .timeLimit(.minutes(1)))
struct ServiceGroupTests {
    private let journal = Journal()
    private let readiness = Readiness()

    private func group(
        _ shutdown: ServiceGroup.Shutdown = .init(), @ServiceListBuilder _ parts: () -> [any Service]
    ) -> ServiceGroup {
        ServiceGroup("test", readiness: readiness, logger: .disabled, shutdown: shutdown, services: parts)
    }

    /// Runs the group until `body` has ended.
    private func run(_ group: ServiceGroup, _ body: () async throws -> Void) async throws {
        let signal = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await ShutdownSignal.$current.withValue(signal) { try await group.run() } }
            try await body()
            signal.trigger()
            try await tasks.waitForAll()
        }
    }

    @Test("parts start in the order they are listed, and stop in the reverse order")
    func order() async throws {
        let group = group {
            Keeper(name: "store", journal: journal)
            Part(name: "consumer", journal: journal)
            Part(name: "server", journal: journal)
        }
        try await run(group) { await readiness.waitUntilStarted() }
        #expect(
            journal.lines == ["start consumer", "start server", "stop server", "stop consumer", "stop store"])
    }

    @Test("a shutdown asked for before the start ends it at once")
    func early() async throws {
        let signal = ShutdownSignal()
        signal.trigger()
        let group = group { Part(name: "a", journal: journal) }
        try await ShutdownSignal.$current.withValue(signal) { try await group.run() }
        #expect(journal.lines == ["start a", "stop a"])
    }

    @Test("a part that fails ends the group, which throws its error once the others have stopped")
    func failure() async throws {
        let group = group {
            Keeper(name: "store", journal: journal)
            Part(name: "broken", journal: journal, course: .fails)
            Part(name: "server", journal: journal)
        }
        await #expect(throws: Broken.self) { try await group.run() }
        #expect(journal.lines == ["start broken", "start server", "stop server", "stop store"])
    }

    @Test("a part that ends by itself ends the group without an error")
    func end() async throws {
        let group = group {
            Keeper(name: "store", journal: journal)
            Part(name: "short", journal: journal, course: .ends)
        }
        try await group.run()
        #expect(journal.lines == ["start short", "stop short", "stop store"])
    }

    @Test("a part that does not stop is cancelled after its patience, and the next one goes on stopping")
    func patience() async throws {
        let group = group(.init(patience: .milliseconds(20))) {
            Keeper(name: "store", journal: journal)
            Part(name: "stubborn", journal: journal, course: .ignoresTheSignal)
        }
        try await run(group) { await readiness.waitUntilStarted() }
        #expect(Set(journal.lines) == ["start stubborn", "cancelled stubborn", "stop store"])
    }

    @Test("when one cannot start, those that had started, or hold something, are stopped, and its error is thrown")
    func startFailure() async throws {
        let group = group {
            Keeper(name: "store", journal: journal)
            Part(name: "first", journal: journal)
            Part(name: "broken", journal: journal, course: .cannotStart)
            Part(name: "last", journal: journal)
            Keeper(name: "cache", journal: journal)
        }
        await #expect(throws: Broken.self) { try await group.run() }
        #expect(journal.lines == ["start first", "start broken", "stop cache", "stop first", "stop store"])
        #expect(await readiness.problems().map(\.problem) == ["starting"])
    }

    @Test("what had started and does not stop is cancelled when another cannot start")
    func stubbornAtStart() async throws {
        let group = group(.init(patience: .milliseconds(20))) {
            Part(name: "stubborn", journal: journal, course: .ignoresTheSignal)
            Part(name: "broken", journal: journal, course: .cannotStart)
        }
        await #expect(throws: Broken.self) { try await group.run() }
        #expect(journal.lines == ["start stubborn", "start broken", "cancelled stubborn"])
    }

    @Test("while it drains it is not ready, and nothing is stopped yet")
    func drain() async throws {
        let group = group(.init(drainDelay: .seconds(3600))) { Part(name: "server", journal: journal) }
        let signal = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await ShutdownSignal.$current.withValue(signal) { try await group.run() } }
            await readiness.waitUntilStarted()
            #expect(await readiness.problems().isEmpty)
            signal.trigger()
            while await readiness.problems().isEmpty { await Task.yield() }
            #expect(await readiness.problems().map(\.problem) == ["shutting down"])
            #expect(journal.lines == ["start server"])
            // Cancelling cuts the delay short.
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
        #expect(journal.lines.last == "stop server")
    }

    @Test("a group that ends because a part failed does not drain first")
    func noDrain() async throws {
        let group = group(.init(drainDelay: .seconds(3600))) {
            Part(name: "broken", journal: journal, course: .fails)
            Part(name: "server", journal: journal)
        }
        await #expect(throws: Broken.self) { try await group.run() }
        #expect(journal.lines.last == "stop server")
    }
}
