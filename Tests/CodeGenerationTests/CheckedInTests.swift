import FoundationEssentials
import TestSupport
import Testing

@Suite("Generated code that is checked in")
struct CheckedInTests {
    static let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

    @Test("is what the generator writes today, and in the project's format")
    func isUpToDate() throws {
        let folder = try TemporaryFolder()
        let run = try ChildProcess.run(
            Self.root + "/scripts/generate", ["--output", folder.path, "--plugin", try Plugin.path()])
        #expect(run.ending == .exited(0), "\(run.errors)")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        #expect(names.count >= 3)
        for name in names {
            let written = try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
            let checkedIn = try? String(contentsOfFile: Self.root + "/" + name, encoding: .utf8)
            #expect(written == checkedIn, "\(name) is out of date: make generate")
        }
        var kept: Set<String> = []
        for top in ["Sources", "Tests"] {
            for folder in try FileManager.default.contentsOfDirectory(atPath: Self.root + "/" + top) {
                let path = top + "/" + folder
                let names = (try? FileManager.default.subpathsOfDirectory(atPath: Self.root + "/" + path)) ?? []
                kept.formUnion(names.filter { $0.hasSuffix(".martlet.swift") }.map { path + "/" + $0 })
            }
        }
        #expect(kept == Set(names), "a file that is no longer generated is still there")
    }
}
