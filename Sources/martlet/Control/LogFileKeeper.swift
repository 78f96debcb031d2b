internal import Glibc
internal import MartletCore
internal import MartletKit

/// Keeps the log of a system in the background from growing for ever: at 32 MiB the file becomes `martlet.log.1`, in
/// place of the one before, and a new one is begun. Does nothing where standard output is something else.
struct LogFileKeeper: Service {
    let name = "log file"
    let path: String
    let logger: Logger

    private static let limit = 32 << 20

    func run() async throws {
        let signal = ShutdownSignal.current ?? ShutdownSignal()
        guard writesToTheLog else { return await signal.wait() }
        while await !signal.wait(atMost: .seconds(10)), !Task.isCancelled { rotateIfLarge() }
    }

    private var writesToTheLog: Bool {
        var output = stat()
        var file = stat()
        return fstat(STDOUT_FILENO, &output) == 0 && stat(path, &file) == 0 && output.st_ino == file.st_ino
            && output.st_dev == file.st_dev
    }

    private func rotateIfLarge() {
        var status = stat()
        guard fstat(STDOUT_FILENO, &status) == 0, status.st_size > Self.limit else { return }
        rename(path, path + ".1")
        let fresh = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard fresh >= 0 else {
            logger.warning("the log could not be renewed: \(String(cString: strerror(errno)))")
            return
        }
        // In place: whoever writes goes on with the same descriptors.
        dup2(fresh, STDOUT_FILENO)
        dup2(fresh, STDERR_FILENO)
        close(fresh)
    }
}
