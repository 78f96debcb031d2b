internal import Glibc
internal import MartletCore

/// Says that a store is somebody's. Goes with the process, however that ends.
final class OwnerLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `failedPrecondition` when another has it.
    init(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ServiceError(.failedPrecondition, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ServiceError(
                .failedPrecondition, "another process owns the bus: \(path) is locked. Reach it by its socket instead.")
        }
        self.descriptor = descriptor
    }

    func release() { flock(descriptor, LOCK_UN) }

    deinit { close(descriptor) }
}
