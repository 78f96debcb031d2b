import MartletRuntime
import Testing

@testable import MartletHTTP

@Suite("h2spec's cases", .serialized, .timeLimit(.minutes(1)))
struct SpecTests {
    static let cases =
        SpecCase.generic + SpecCase.framing + SpecCase.streams + SpecCase.frames + SpecCase.semantics + SpecCase.hpack

    @Test("all 147 of them are here, each once")
    func completeness() {
        #expect(Self.cases.count == 147)
        #expect(Set(Self.cases.map(\.name)).count == 147)
    }

    @Test("case", arguments: cases)
    func conforms(_ specCase: SpecCase) async throws {
        try await withServer(routes: ServerTests.routes) { server in
            try specCase.check(try FrameClient(server))
        }
    }
}
