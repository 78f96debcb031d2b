internal import Glibc
public import MartletCore

extension Configuration.Input {
    /// What this process was given: its arguments, its environment, and its files for secrets.
    public static func process(arguments: [String] = Array(CommandLine.arguments.dropFirst())) -> Self {
        Self(arguments: arguments, environment: environment(), readFile: readFile)
    }

    private static func environment() -> [String: String] {
        var environment: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { environment[String(pair[0])] = String(pair[1]) }
            entry = entry.advanced(by: 1)
        }
        return environment
    }

    /// At most one byte more than `limit`, so that the caller sees that there is more. Never waits: a FIFO without a
    /// writer is an empty file.
    private static func readFile(_ path: String, limit: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileProblem(number: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= limit {
            let count = read(descriptor, &chunk, min(chunk.count, limit + 1 - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileProblem(number: errno) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    private struct FileProblem: Error, CustomStringConvertible {
        var number: Int32
        var description: String { String(cString: strerror(number)) }
    }
}
