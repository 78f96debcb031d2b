import Glibc
import MartletCore
import Testing

@testable import MartletHTTP

@Suite("Files", .timeLimit(.minutes(1)))
struct StaticFilesTests {
    /// A folder with a page, a hidden file, a link to the outside, and a secret beside it.
    static func withFolder(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/martlet-files-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        #expect(made)
        let root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let files = ["secret", "www/page.html", "www/.hidden", "www/sub/a b.txt"]
        for folder in ["www", "www/sub"] { mkdir("\(root)/\(folder)", 0o755) }
        for file in files { write("<\(file)>", to: "\(root)/\(file)") }
        symlink("\(root)/secret", "\(root)/www/link")
        mkfifo("\(root)/www/pipe", 0o644)
        do {
            try await body("\(root)/www")
        } catch {
            remove(root, files)
            throw error
        }
        remove(root, files)
    }

    private static func write(_ text: String, to path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        _ = Glibc.write(file, text, text.utf8.count)
        close(file)
    }

    private static func remove(_ root: String, _ files: [String]) {
        for file in files + ["www/link", "www/pipe"] { unlink("\(root)/\(file)") }
        for folder in ["www/sub", "www", ""] { rmdir("\(root)/\(folder)") }
    }

    static func get(_ path: String, in folder: String, _ headers: HTTPHeaders = [:]) async throws -> (
        HTTPResponse, String
    ) {
        var router = Router()
        let files = StaticFiles(folder: folder)
        router.get("/files/*") { try await files.response(to: $0) }
        let response = try await router.handler()(HTTPRequest(.get, "/files/\(path)", headers: headers))
        return (response, String(decoding: try await response.body.collect(upTo: 1000), as: UTF8.self))
    }

    @Test("a file is served with its type, and not again when it has not changed")
    func served() async throws {
        try await Self.withFolder { folder in
            let (response, body) = try await Self.get("page.html", in: folder)
            #expect(body == "<www/page.html>")
            #expect(response.body.length == 15)
            #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
            let tag = try #require(response.headers["ETag"])
            let (again, nothing) = try await Self.get("page.html", in: folder, ["If-None-Match": tag])
            #expect(again.status == .notModified)
            #expect(nothing == "")
            #expect(try await Self.get("sub/a%20b.txt", in: folder).1 == "<www/sub/a b.txt>")
        }
    }

    @Test(
        "nothing else is served",
        arguments: [
            "", "nope", "sub", "sub/", "../secret", "%2e%2e/secret", "..%2fsecret", "sub/../../secret",
            "sub/%2e%2e/page.html",
            ".hidden", "link", "pipe", "page.html/", "page.html/x", "/etc/passwd", "//etc/passwd", "page.html%00",
            "..%5csecret",
            "./page.html",
        ])
    func refused(path: String) async throws {
        try await Self.withFolder { folder in
            let (response, body) = try await Self.get(path, in: folder)
            #expect(response.status == .notFound)
            #expect(!body.contains("<"))
        }
    }
}
