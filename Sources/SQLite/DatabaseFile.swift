internal import Glibc
internal import MartletSQL

/// What the file system has to do before SQLite opens a database.
enum DatabaseFile {
    /// Makes the folders (0700) and the file (0600) where they are missing. SQLite itself would make the file readable
    /// for everybody; its log and index files take the mode of this one.
    static func create(at path: String) throws(SQLError) {
        let folder = folder(of: path)
        try createFolder(folder)
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            if errno == EEXIST { return }
            throw failure("create", path, errno)
        }
        close(descriptor)
        sync(folder)
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func createFolder(_ folder: String) throws(SQLError) {
        let parent = self.folder(of: folder)
        if mkdir(folder, 0o700) != 0 {
            if errno == EEXIST { return }
            guard errno == ENOENT, folder.contains("/") else { throw failure("create", folder, errno) }
            guard parent != folder else { throw failure("create", folder, ENOENT) }
            try createFolder(parent)
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure("create", folder, errno) }
        }
        sync(parent)
    }

    /// A new name must survive a power cut too, or the first commits would be lost with it.
    private static func sync(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Whether a folder on the way is a link to something that is not there. Folders that are merely missing are made.
    private static func leadsNowhere(_ path: String) -> Bool {
        var information = stat()
        var folder = folder(of: path)
        while folder != ".", folder != "/" {
            if lstat(folder, &information) == 0 { return stat(folder, &information) != 0 }
            folder = self.folder(of: folder)
        }
        return false
    }

    private static func failure(_ action: String, _ path: String, _ code: Int32) -> SQLError {
        let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        if code == ENOENT, leadsNowhere(path) {
            return SQLError(
                .absent, "Cannot \(action) \(path): a link on the way leads nowhere. Is the volume mounted?")
        }
        let kind: SQLError.Kind =
            switch code {
            case EROFS, EACCES, EPERM: .readOnly
            case ENOSPC, EDQUOT: .full
            // A network file system, or one of FUSE, whose other end is away.
            case ENODEV, ENXIO, ENOTCONN, ESTALE, EHOSTDOWN, ETIMEDOUT: .absent
            default: .cannotOpen
            }
        let advice = kind == .absent ? "Is the volume mounted?" : "Choose a place that this user may write."
        return SQLError(kind, "Cannot \(action) \(path): \(reason). \(advice)")
    }
}
