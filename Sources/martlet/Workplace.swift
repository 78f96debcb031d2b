internal import Glibc
internal import MartletCore
internal import MartletKit
internal import MartletRuntime

/// The data folder of a system, and the files in it that the command itself uses.
struct Workplace: Sendable {
    let folder: String

    /// Where a running system listens for `status`, `stop` and `down`.
    var controlSocket: String { folder + "/control.sock" }
    /// What a system in the background says.
    var log: String { folder + "/martlet.log" }
    private var lockFile: String { folder + "/lock" }

    /// A UNIX socket's path is short: a long folder is reached relative to where we are, which is done by the caller.
    var controlAddress: SocketAddress {
        get throws(ServiceError) { try SocketAddress(unixPath: controlSocket) }
    }

    /// Makes the folder and takes it for this process, until it ends.
    /// - Throws: `failedPrecondition` when another system runs in it, or it cannot be written.
    func claim() throws(ServiceError) {
        try ProcessFiles.makeFolder(folder)
        let descriptor = open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ServiceError(
                .failedPrecondition, "cannot write into the folder \(folder): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ServiceError(.failedPrecondition, "a system already runs in \(folder); see martlet status")
        }
        // Held, and the lock with it, as long as the process lives.
        ftruncate(descriptor, 0)
        let text = "\(getpid())\n"
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
    }

    /// The process that runs here; nil when none does.
    func owner() -> pid_t? {
        let descriptor = open(lockFile, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return pid_t(String(decoding: bytes[..<count].prefix { $0 != 0x0A }, as: UTF8.self))
    }
}
