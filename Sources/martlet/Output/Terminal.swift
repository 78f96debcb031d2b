internal import Glibc
internal import MartletCore

/// Nobody reads any longer what is written to standard output.
struct OutputClosed: Error {}

/// Standard output, and what is known of who reads it.
struct Terminal: Sendable {
    private let output: Output

    private enum Output: Sendable {
        case standard
        /// For tests.
        case sink(@Sendable ([UInt8]) -> Void)
    }

    /// A person reads it, and not a program.
    let isTerminal: Bool
    /// Colours are wanted (https://no-color.org).
    let hasColors: Bool
    /// Characters of a line; nil where there is no end to it.
    let width: Int?

    /// A terminal that hands on what is written.
    init(isTerminal: Bool, hasColors: Bool = false, width: Int? = nil, sink: @escaping @Sendable ([UInt8]) -> Void) {
        output = .sink(sink)
        self.isTerminal = isTerminal
        self.hasColors = hasColors
        self.width = width
    }

    init(environment: [String: String]) {
        output = .standard
        isTerminal = isatty(STDOUT_FILENO) == 1
        let isRefused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        hasColors = isTerminal && !isRefused
        var size = winsize()
        let isKnown = isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        width = isKnown ? Int(size.ws_col) : nil
    }

    func write(_ text: String) throws(OutputClosed) { try write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) throws(OutputClosed) {
        if case .sink(let sink) = output { return sink(bytes) }
        // SIGPIPE would end the process before anything could be said.
        _ = Self.ignoringPipeSignals
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                // Somebody made the descriptor, which we share with them, non-blocking.
                var poll = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                _ = Glibc.poll(&poll, 1, -1)
                continue
            }
            guard count > 0 else { throw OutputClosed() }
            rest = rest.dropFirst(count)
        }
    }

    private static let ignoringPipeSignals: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
