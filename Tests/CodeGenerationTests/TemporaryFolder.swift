import FoundationEssentials
import Glibc
import Testing

/// Deleted with the object.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/martlet-generator-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        path = try #require(made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
