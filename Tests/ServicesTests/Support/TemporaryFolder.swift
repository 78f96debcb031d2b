import FoundationEssentials
import Glibc
import Testing

/// Calls `body` with a folder that is deleted afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/martlet-services-XXXXXX".utf8CString)
    let path = template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    let folder = try #require(path)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
}
