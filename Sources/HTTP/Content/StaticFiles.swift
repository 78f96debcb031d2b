internal import MartletRuntime

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The files of one folder, for a route that ends in `*`:
///
///     router.get("/assets/*") { try await files.response(to: $0) }
///
/// Nothing outside of the folder is ever served: each part of the path is opened in its parent, symbolic links are not
/// followed, and `..`, hidden files and NUL do not get that far. Files are read off the event loop.
public struct StaticFiles: Sendable {
    private let folder: String
    private let cacheControl: String

    /// Larger pieces hold a thread for longer, smaller ones cost more hops.
    private static let pieceSize = 128 << 10

    /// - Parameter cacheControl: `no-cache` lets a cache keep a file, and ask whether it is still valid each time.
    public init(folder: String, cacheControl: String = "no-cache") {
        self.folder = folder
        self.cacheControl = cacheControl
    }

    public func response(to request: HTTPRequest) async throws -> HTTPResponse {
        guard let components = Self.components(of: request.parameters["*"] ?? ""), let name = components.last,
            let file = try await offload({ [folder] in OpenFile(components, in: folder) })
        else { throw HTTPError(.notFound, "no such file") }
        var headers: HTTPHeaders = [
            "Content-Type": MediaType.of(fileNamed: name), "Cache-Control": cacheControl,
            "X-Content-Type-Options": "nosniff",
        ]
        file.validator.write(into: &headers)
        if file.validator.isCurrent(for: request) {
            headers["Content-Type"] = nil
            return HTTPResponse(.notModified, headers: headers)
        }
        let body = HTTPBody.stream(length: file.size) { writer in
            var offset = 0
            while offset < file.size {
                let start = offset
                let piece = try await offload { try file.read(from: start, atMost: Self.pieceSize) }
                try await writer.write(piece)
                offset += piece.count
            }
        }
        return HTTPResponse(.ok, headers: headers, body: body)
    }

    /// The parts of a decoded path; nil when one of them cannot be a file's name, or is not for others to see.
    static func components(of path: String) -> [String]? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        for part in parts where part.isEmpty || part.utf8.first == UInt8(ascii: ".") { return nil }
        return path.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "\\") } ? nil : parts
    }
}

/// A file that is being sent.
private final class OpenFile: Sendable {
    let size: Int
    let validator: Validator
    private let descriptor: Int32

    /// Opens the file that these names lead to from `folder`; nil when there is none, or it is no ordinary file.
    init?(_ components: [String], in folder: String) {
        var current = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        for (index, name) in components.enumerated() where current >= 0 {
            let isLast = index == components.count - 1
            // O_NONBLOCK: opening a named pipe must not wait for its other end.
            let kind = isLast ? O_NONBLOCK : O_DIRECTORY
            let next = openat(current, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind)
            close(current)
            current = next
        }
        guard current >= 0 else { return nil }
        var status = stat()
        guard fstat(current, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(current)
            return nil
        }
        descriptor = current
        size = Int(status.st_size)
        #if canImport(Darwin)
        let modified = status.st_mtimespec
        #else
        let modified = status.st_mtim
        #endif
        let tag = [Int(modified.tv_sec), Int(modified.tv_nsec), Int(status.st_size)]
        validator = Validator(
            entityTag: "\"\(tag.map { String($0, radix: 16) }.joined(separator: "-"))\"",
            modified: HTTPDate(seconds: Int64(modified.tv_sec)))
    }

    deinit { close(descriptor) }

    /// Throws at the end of the file: it has become shorter than was promised.
    func read(from offset: Int, atMost limit: Int) throws -> [UInt8] {
        let length = min(limit, size - offset)
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
            count = pread(descriptor, buffer.baseAddress, length, off_t(offset))
            initialized = max(count, 0)
        }
        guard count > 0 else { throw HTTPError(.internalServerError, "the file changed while it was sent") }
        return bytes
    }
}
