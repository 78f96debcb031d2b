internal import Glibc
internal import MartletCore
internal import MartletEmbeddedBus
internal import MartletKit

/// Where the bus of a system is.
enum BusLocation {
    /// The socket of the bus.
    /// - Throws: `unavailable` when nobody answers there; whoever types a command does not want to wait for a bus that
    ///   may come.
    static func find(for invocation: Invocation) throws -> String {
        let input = Configuration.Input(environment: invocation.environment)
        let path: String
        switch try Configuration.load([StandardKeys.bus], from: input, scope: "BUS")[StandardKeys.bus] {
        case .socket(let given)?: path = given
        case .embedded:
            throw UsageProblem("BUS_URL names a bus that belongs to one process; unix:PATH is one for others")
        case nil: path = try ProcessFiles.socketPath("bus.sock", in: invocation.workplace.folder)
        }
        if let problem = problem(with: path) {
            let shown = path.hasPrefix("/proc/self/fd/") ? "\(invocation.workplace.folder)/bus.sock" : path
            throw ServiceError(
                .unavailable, "the bus cannot be reached at \(shown): \(String(cString: strerror(problem)))")
        }
        return path
    }

    /// Why nobody answers there, as an `errno`; nil when somebody does.
    private static func problem(with path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let isFitting = withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            guard path.utf8.count < bytes.count else { return false }
            bytes.copyBytes(from: path.utf8)
            return true
        }
        guard isFitting else { return ENAMETOOLONG }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return errno }
        defer { close(probe) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(probe, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? nil : errno
    }
}
