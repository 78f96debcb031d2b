import Glibc
import MartletCore
import TestSupport

/// A process of `bus-helper`, whose lines are read as they come. Killed with the object, at the latest.
final class Helper {
    private let process: ChildProcess
    private var buffer: [UInt8] = []
    private var isOver = false

    init(_ arguments: String...) throws {
        process = try ChildProcess(try Self.path(), arguments)
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
    func line() throws -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                return line
            }
            guard !isOver else { return nil }
            let bytes = try process.readOutput()
            isOver = bytes.isEmpty
            buffer += bytes
        }
    }

    /// What it writes until its end, and how that came.
    func finish() throws -> (lines: [String], ending: ChildProcess.Ending) {
        var lines: [String] = []
        while let line = try line() { lines.append(line) }
        return (lines, try process.wait())
    }

    /// Ends it, and gives what it had written before.
    @discardableResult
    func kill(_ signal: Int32 = SIGKILL) throws -> [String] {
        process.signal(signal)
        return try finish().lines
    }
}
