internal import Glibc
public import MartletCore

/// The process's own folders and streams, where Foundation would be too large a thing to ask.
public enum ProcessFiles {
    /// Makes the folder and those above it, for this user alone (0700).
    /// - Throws: `failedPrecondition` that names the folder and what is wrong.
    public static func makeFolder(_ path: String) throws(ServiceError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") where part != "." {
            made += "/" + part
            if mkdir(made, 0o700) == 0 || errno == EEXIST { continue }
            throw ServiceError(
                .failedPrecondition, "cannot make the folder \(path): \(String(cString: strerror(errno)))")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw ServiceError(
                .failedPrecondition, "cannot write into the folder \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// The path of a socket in a folder that is there.
    ///
    /// It may have at most 107 bytes. A longer one is reached through the folder's descriptor, which stays open as long
    /// as the process lives: ask once.
    /// - Throws: `failedPrecondition` when the folder cannot be opened.
    public static func socketPath(_ name: String, in folder: String) throws(ServiceError) -> String {
        let path = "\(folder)/\(name)"
        if path.utf8.count <= 107 { return path }
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ServiceError(
                .failedPrecondition, "cannot open the folder \(folder): \(String(cString: strerror(errno)))")
        }
        return "/proc/self/fd/\(descriptor)/\(name)"
    }

    public static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }
    public static func writeOutput(_ text: String) { write(text, to: STDOUT_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let base = rest.baseAddress, !rest.isEmpty {
                let count = Glibc.write(descriptor, base, rest.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }
}
