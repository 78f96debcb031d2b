import PowerCutChecks
import Testing

@Suite("The ledger of a power cut's audit")
struct LedgerTests {
    private let ledger = Ledger()

    private func kinds(_ found: [String]) -> [Ledger.ProblemKind] { ledger.problems(found: found).map(\.kind) }

    @Test("what was answered must be there, once")
    func answered() async throws {
        await ledger.add("a") {}
        #expect(kinds(["a"]) == [])
        #expect(kinds([]) == [.lost])
        #expect(kinds(["a", "a"]) == [.duplicated])
        #expect(kinds(["a", "b"]) == [.unknown])
    }

    @Test("what failed may be there, once")
    func failed() async throws {
        try? await ledger.add("a") { throw CancellationError() }
        #expect(kinds(["a"]) == [])
        #expect(kinds([]) == [])
        #expect(kinds(["a", "a"]) == [.duplicated])
        #expect(ledger.answers == 0)
    }

    @Test("what was removed must be gone, and may be while it is being removed")
    func removed() async throws {
        await ledger.add("a") {}
        await ledger.remove(["a"]) {
            #expect(kinds(["a"]) == [])
            #expect(kinds([]) == [])
        }
        #expect(kinds([]) == [])
        #expect(kinds(["a"]) == [.returned])
    }

    @Test("what was written together is there together")
    func together() async throws {
        try? await ledger.add("a", "b") { throw CancellationError() }
        #expect(kinds([]) == [])
        #expect(kinds(["b", "a"]) == [])
        #expect(kinds(["b"]) == [.partial])
    }

    @Test("a part of it that is removed leaves the rest")
    func apart() async throws {
        await ledger.add("a", "b") {}
        await ledger.remove(["a"]) {}
        #expect(kinds(["b"]) == [])
    }

    @Test("what is removed together goes together, unless it is said otherwise", arguments: [true, false])
    func removedTogether(isOne: Bool) async throws {
        await ledger.add("a") {}
        await ledger.add("b") {}
        try? await ledger.remove(["a", "b"], isOne: isOne) { throw CancellationError() }
        #expect(kinds(["b"]) == (isOne ? [.partial] : []))
        #expect(kinds(["a", "b"]) == [])
        #expect(kinds([]) == [])
    }
}
