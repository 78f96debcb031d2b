internal import Glibc
internal import MartletCore
internal import MartletKit
internal import MartletRuntime

/// The data folder of a system, and the files in it that the command itself uses.
struct Workplace: Sendable {
    let folder: String

    /// What a system in the background says.
    var log: String { folder + "/martlet.log" }
    /// What it said before that, when the log was full.
    var olderLog: String { log + ".1" }
    private var lockFile: String { folder + "/lock" }

    /// Where a running system listens for `status`, `stop` and `down`. The folder must exist. Ask once.
    func controlAddress() throws(ServiceError) -> SocketAddress {
        try SocketAddress(unixPath: try ProcessFiles.socketPath("control.sock", in: folder))
    }

    /// Makes the folder and takes it for this process, until it ends.
    /// - Throws: `failedPrecondition` when another system runs in it, or it cannot be written.
    func claim() throws(ServiceError) {
        try ProcessFiles.makeFolder(folder)
        // Never closed: the lock is held as long as the process lives, however it ends.
        let descriptor = open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        var lock = Self.wholeFile
        guard descriptor >= 0, fcntl(descriptor, F_SETLK, &lock) == 0 else {
            let code = errno
            if descriptor >= 0, code == EAGAIN || code == EACCES {
                let process = owner().map { " as process \($0)" } ?? ""
                throw ServiceError(
                    .failedPrecondition, "a system already runs in \(folder)\(process); see martlet status")
            }
            throw ServiceError(
                .failedPrecondition, "cannot write into the folder \(folder): \(String(cString: strerror(code)))")
        }
    }

    /// The process that runs here; nil when none does.
    ///
    /// Asks without taking the lock, even for a moment: whoever starts just then would find the folder taken.
    func owner() -> pid_t? {
        let descriptor = open(lockFile, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var lock = Self.wholeFile
        guard fcntl(descriptor, F_GETLK, &lock) == 0, lock.l_type != Int16(F_UNLCK), lock.l_pid > 0 else { return nil }
        return lock.l_pid
    }

    /// - Throws: `unavailable` when no system runs here.
    func requireSystem() throws(ServiceError) {
        guard owner() == nil else { return }
        throw ServiceError(.unavailable, "nothing runs in \(folder); martlet up starts it")
    }

    private static var wholeFile: flock {
        flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }
}
