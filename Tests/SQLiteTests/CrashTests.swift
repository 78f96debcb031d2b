import Glibc
import MartletSQL
import MartletSQLite
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
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        defer { posix_spawn_file_actions_destroy(&actions) }
        let path = try helper()
        var process: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), strdup(scratch.file), nil]
        defer { for argument in arguments { free(argument) } }
        #expect(posix_spawn(&process, path, &actions, nil, &arguments, environ) == 0)
        close(ends[1])

        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while output.count < 10_000 {
            let count = read(ends[0], &chunk, chunk.count)
            guard count > 0 else { break }
            output += chunk[..<count]
        }
        kill(process, SIGKILL)
        // What it had written to the pipe before it died counts too.
        while case let count = read(ends[0], &chunk, chunk.count), count > 0 { output += chunk[..<count] }
        var status: Int32 = 0
        waitpid(process, &status, 0)
        close(ends[0])
        #expect(status & 0x7F == SIGKILL)

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
