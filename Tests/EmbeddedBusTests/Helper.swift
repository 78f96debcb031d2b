import Glibc
import MartletCore

/// A process of `bus-helper`, whose lines are read as they come. Killed with the object, at the latest.
final class Helper: @unchecked Sendable {  // Used by one test, one call at a time.
    let process: pid_t
    private let output: Int32
    private var buffer: [UInt8] = []
    private var isOver = false

    init(_ arguments: String...) throws {
        (process, output) = try Helper.gate.withLock { _ in try Helper.spawn(arguments) }
    }

    /// One at a time: a process that was started between a pipe's making and its marking would inherit it, and keep it
    /// open.
    private static let gate = Locked(0)

    private static func spawn(_ arguments: [String]) throws -> (pid_t, Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw ServiceError(.internal, "no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let path = try Helper.path()
        var texts: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        texts.append(nil)
        defer { for text in texts { free(text) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, path, &actions, nil, &texts, environ)
        close(ends[1])
        guard result == 0 else {
            close(ends[0])
            throw ServiceError(.internal, "cannot start \(path)")
        }
        return (process, ends[0])
    }

    deinit {
        kill()
        close(output)
    }

    /// It stands beside the tests' own executable.
    private static func path() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        // swift test runs a helper of the toolchain; the bundle it loads is named in its arguments.
        let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for candidate in [own] + CommandLine.arguments {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let path = candidate[..<slash] + "/bus-helper"
            if access(String(path), X_OK) == 0 { return String(path) }
        }
        throw ServiceError(.notFound, "bus-helper is not beside the tests")
    }

    /// The next line; nil at the end. Blocks the thread, which a test may.
    func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                return line
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = read(output, &chunk, chunk.count)
            guard count > 0 else { return nil }
            buffer += chunk[..<count]
        }
    }

    /// Kills it, and gives what it had written before.
    @discardableResult
    func kill(_ signal: Int32 = SIGKILL) -> [String] {
        guard !isOver else { return [] }
        isOver = true
        Glibc.kill(process, signal)
        var lines: [String] = []
        while let line = line() { lines.append(line) }
        var status: Int32 = 0
        waitpid(process, &status, 0)
        return lines
    }
}
