import Glibc
import MartletSQL
import MartletSQLite
import TestSupport
import Testing

@Suite("A process that is killed", .timeLimit(.minutes(1)))
struct CrashTests {
    /// The helper stands beside the tests' own executable.
    private func helper() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        try #require(count > 0)
        // swift test runs a helper of the toolchain; the bundle it loads is named in its arguments.
        let candidates =
            [String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)] + CommandLine.arguments
        for candidate in candidates {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let path = candidate[..<slash] + "/sqlite-crash-writer"
            if access(String(path), X_OK) == 0 { return String(path) }
        }
        throw Missing()
    }

    @Test("has lost nothing that it answered")
    func killed() async throws {
        let scratch = try Scratch()
        let process = try ChildProcess(try helper(), [scratch.file])
        var output: [UInt8] = []
        while output.count < 10_000, case let bytes = try process.readOutput(), !bytes.isEmpty { output += bytes }
        process.signal(SIGKILL)
        // What it had written before it died counts too.
        while case let bytes = try process.readOutput(), !bytes.isEmpty { output += bytes }
        #expect(try process.wait() == .killed(bySignal: SIGKILL))

        let answered = output.split(separator: UInt8(ascii: "\n")).compactMap {
            Int(String(decoding: $0, as: UTF8.self))
        }
        #expect(answered.count > 100)
        let database = try await scratch.open()
        let stored = Set(
            try await database.query("SELECT number FROM rows", limit: 1_000_000).map { try $0.get(0, as: Int.self) })
        #expect(answered.allSatisfy { stored.contains($0) })
        #expect(try await database.integrityProblems().isEmpty)
        await database.close()
    }
}
