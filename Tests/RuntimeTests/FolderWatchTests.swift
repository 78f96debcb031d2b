import Glibc
import MartletCore
import MartletRuntime
import Testing

@Suite("Watching a folder", .timeLimit(.minutes(1)))
struct FolderWatchTests {
    /// Counts the calls.
    private final class Calls: Sendable {
        private let kept = Locked(0)
        var count: Int { kept.withLock { $0 } }
        func add() { kept.withLock { $0 += 1 } }
        /// Does something, and waits for a call after it.
        func expect(after change: () throws -> Void) async throws {
            let before = count
            try change()
            while count == before { await Task.yield() }
        }
    }

    private func withFolder(_ body: @Sendable (_ path: String) async throws -> Void) async throws {
        var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let path = String(cString: made)
        defer {
            for name in ["a", "b"] { unlink("\(path)/\(name)") }
            rmdir(path)
        }
        try await body(path)
    }

    private func append(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "ae"))
        fputs(text, file)
        fclose(file)
    }

    @Test("tells of files that are made, written to, renamed and removed, one after the other")
    func changes() async throws {
        try await withFolder { path in
            try await withLoop { loop in
                let calls = Calls()
                let watch = try #require(await FolderWatch.begin(path, on: loop) { calls.add() })
                try await calls.expect { try append("", to: "\(path)/a") }
                for _ in 0..<3 { try await calls.expect { try append("line\n", to: "\(path)/a") } }
                try await calls.expect { rename("\(path)/a", "\(path)/b") }
                try await calls.expect { unlink("\(path)/b") }
                watch.stop()
                watch.stop()
            }
        }
    }

    @Test("is refused where there is no folder, and on a loop that has ended")
    func refused() async throws {
        try await withLoop { loop in
            #expect(await FolderWatch.begin("/no/such/folder", on: loop) {} == nil)
        }
        let loop = EventLoop(name: "ended")
        loop.stop()
        while loop.execute({}) { await Task.yield() }
        #expect(await FolderWatch.begin("/tmp", on: loop) {} == nil)
    }

    @Test("ends for good when it is told to: a later watch of the same folder is another one")
    func again() async throws {
        try await withFolder { path in
            try await withLoop { loop in
                let (first, second) = (Calls(), Calls())
                let earlier = try #require(await FolderWatch.begin(path, on: loop) { first.add() })
                earlier.stop()
                let later = try #require(await FolderWatch.begin(path, on: loop) { second.add() })
                try await second.expect { try append("x", to: "\(path)/a") }
                #expect(first.count == 0)
                later.stop()
            }
        }
    }
}
