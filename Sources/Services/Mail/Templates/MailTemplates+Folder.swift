internal import Glibc
internal import MartletCore

extension MailTemplates {
    /// In bytes.
    private static let fileLimit = 256 << 10
    private static let countLimit = 200

    /// Reads `NAME.html` and `NAME.txt` of a folder: texts in the place of the built-in ones, and templates of its own,
    /// which need both. Other files are left alone.
    /// - Throws: `failedPrecondition` that names the file and what is wrong with it.
    mutating func read(folder: String) throws(ServiceError) {
        guard let directory = opendir(folder) else { throw Self.failure(folder, String(cString: strerror(errno))) }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            let file = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let dot = file.lastIndex(of: ".") else { continue }
            let (name, ending) = (file[..<dot], file[dot...])
            guard ending == ".html" || ending == ".txt" else { continue }
            let path = "\(folder)/\(file)"
            guard Self.isName(name) else {
                throw Self.failure(path, "a template's name consists of a to z, 0 to 9 and -")
            }
            count += 1
            guard count <= Self.countLimit else { throw Self.failure(folder, "more than \(Self.countLimit) templates") }
            let source = try Self.read(path)
            do throws(MailTemplateError) {
                try set(String(name), isHTML: ending == ".html", to: source)
            } catch {
                throw Self.failure(path, error.description)
            }
        }
        if let name = incomplete.first {
            throw Self.failure(folder, "the template \(name) needs both \(name).html and \(name).txt")
        }
    }

    private static func read(_ path: String) throws(ServiceError) -> String {
        // Not a pipe, say, which one would wait for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failure(path, "not a file")
        }
        guard status.st_size <= fileLimit else { throw failure(path, "larger than \(fileLimit) bytes") }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= fileLimit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw failure(path, String(cString: strerror(errno))) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw failure(path, "not UTF-8") }
        return text
    }

    private static func failure(_ path: String, _ reason: String) -> ServiceError {
        ServiceError(.failedPrecondition, "MAIL_TEMPLATES: \(path): \(reason)")
    }
}
