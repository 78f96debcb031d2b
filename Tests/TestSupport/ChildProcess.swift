// TestSupport: what the tests of several rooms need and no room provides. It knows none of them.

internal import CPosix
internal import Glibc

/// A program that a test runs; killed when the test lets go of it.
///
/// By posix_spawn, and not by Foundation's `Process`: that one reads past the end of a heap buffer when it starts a
/// program (`findMaximumOpenFromProcSelfFD`, Swift 6.3.1), and AddressSanitizer ends the run there. The program inherits
/// the environment and nothing else: no descriptor, so that a socket which the test closes is closed; no blocked signal,
/// as threads of Swift's pool block some; no ignored one, as event loops ignore SIGPIPE.
public final class ChildProcess {
    public enum Ending: Equatable, Sendable {
        case exited(Int32)
        case killed(bySignal: Int32)
    }

    /// What a program did from its start to its end.
    public struct Run: Sendable {
        public var ending: Ending
        public var output: String
        public var errors: String
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public enum Streams {
        /// Its standard input, output and error are the test's.
        case captured
        /// They are the test process's own.
        case shared
    }

    private let path: String
    private let processID: pid_t
    private var ending: Ending?
    /// The test's ends of the three standard streams; -1 once closed.
    private var ends: [Int32]

    /// - Parameter arguments: without the program's own name.
    public init(_ path: String, _ arguments: [String] = [], streams: Streams = .captured) throws {
        self.path = path
        let pairs = streams == .captured ? try (0..<3).map { _ in try Self.pair() } : []
        defer { for pair in pairs { close(pair.theirs) } }
        ends = pairs.map(\.ours)
        do {
            processID = try Self.spawn(path, arguments, standardStreams: pairs.map(\.theirs))
        } catch {
            for pair in pairs { close(pair.ours) }
            throw error
        }
    }

    deinit {
        signal(SIGKILL)
        if ending == nil { waitpid(processID, nil, 0) }
        for end in ends where end >= 0 { close(end) }
    }

    // MARK: Whole runs

    /// Runs a program to its end. One that takes longer than `limit` is killed, and that is a failure.
    public static func run(
        _ path: String, _ arguments: [String] = [], input: String = "", within limit: Duration = .seconds(30)
    ) throws -> Run {
        let process = try ChildProcess(path, arguments)
        let deadline = ContinuousClock.now + limit
        let (output, errors) = try process.exchange(Array(input.utf8), until: deadline)
        return Run(
            ending: try process.wait(until: deadline), output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self))
    }

    // MARK: Step by step

    /// The next bytes of its standard output, once there are any; empty at the end.
    public func readOutput(within limit: Duration = .seconds(30)) throws -> [UInt8] {
        try poll([(ends[1], POLLIN)], until: .now + limit)
        return receive(from: 1)
    }

    public func signal(_ number: Int32) {
        // The number of a process that was waited for may be another's by now.
        if ending == nil { kill(processID, number) }
    }

    /// Waits for its end. If that takes longer than `limit`, it is killed, and that is a failure.
    @discardableResult
    public func wait(within limit: Duration = .seconds(30)) throws -> Ending {
        try wait(until: .now + limit)
    }

    private func wait(until deadline: ContinuousClock.Instant) throws -> Ending {
        if let ending { return ending }
        var status: Int32 = 0
        while waitpid(processID, &status, WNOHANG) == 0 {
            guard .now < deadline else { throw tookTooLong() }
            usleep(1000)
        }
        let signal = status & 0x7F
        let ending = signal == 0 ? Ending.exited(status >> 8 & 0xFF) : .killed(bySignal: signal)
        self.ending = ending
        return ending
    }

    private func tookTooLong() -> Failure {
        signal(SIGKILL)
        return Failure(description: "\(path) took too long and was killed")
    }

    // MARK: Streams

    private func exchange(
        _ input: [UInt8], until deadline: ContinuousClock.Instant
    ) throws -> (output: [UInt8], errors: [UInt8]) {
        var unsent = input[...]
        var received: [[UInt8]] = [[], [], []]
        if unsent.isEmpty { closeEnd(0) }
        while ends[1] >= 0 || ends[2] >= 0 {
            let ready = try poll([(ends[0], POLLOUT), (ends[1], POLLIN), (ends[2], POLLIN)], until: deadline)
            if ready[0] {
                let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                let count = unsent.withUnsafeBytes { send(ends[0], $0.baseAddress, $0.count, flags) }
                // A program that reads no more is no failure of the test's.
                unsent = count < 0 ? [] : unsent.dropFirst(count)
                if unsent.isEmpty { closeEnd(0) }
            }
            for stream in 1...2 where ready[stream] { received[stream] += receive(from: stream) }
        }
        return (received[1], received[2])
    }

    @discardableResult
    private func poll(
        _ wanted: [(descriptor: Int32, events: Int32)], until deadline: ContinuousClock.Instant
    ) throws -> [Bool] {
        var polled = wanted.map { pollfd(fd: $0.descriptor, events: Int16($0.events), revents: 0) }
        let left = max(.zero, ContinuousClock.now.duration(to: deadline))
        guard Glibc.poll(&polled, nfds_t(polled.count), Int32(left / .milliseconds(1))) > 0 else { throw tookTooLong() }
        return polled.map { $0.revents != 0 }
    }

    private func receive(from stream: Int) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(ends[stream], &chunk, chunk.count)
        if count <= 0 { closeEnd(stream) }
        return Array(chunk[..<max(0, count)])
    }

    private func closeEnd(_ stream: Int) {
        close(ends[stream])
        ends[stream] = -1
    }

    // MARK: Starting

    /// A pair of sockets and not a pipe: a write to one whose reader is gone is an error, and need not be a signal.
    private static func pair() throws -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failure(description: "socketpair: \(String(cString: strerror(errno)))")
        }
        return (ends[0], ends[1])
    }

    private static func spawn(_ path: String, _ arguments: [String], standardStreams: [Int32]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in standardStreams.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, &actions, &attributes, words, environ)
        guard code == 0 else { throw Failure(description: "\(path): \(String(cString: strerror(code)))") }
        return process
    }
}
