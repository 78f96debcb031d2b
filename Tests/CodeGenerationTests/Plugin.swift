import FoundationEssentials
import Glibc
import TestSupport

/// The generator as protoc runs it.
enum Plugin {
    /// Beside the tests' own executable, or the bundle that a helper of the toolchain runs.
    static func path() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for candidate in [own] + CommandLine.arguments {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let path = String(candidate[..<slash] + "/protoc-gen-martlet")
            if access(path, X_OK) == 0 { return path }
        }
        throw Missing()
    }

    struct Missing: Error {}

    struct Result {
        /// By name.
        var files: [String: String]
        /// What protoc or the generator complains about; empty when all is well.
        var errors: String
    }

    /// Runs protoc over schemas that are given as texts, by the names of their files.
    static func generate(_ schemas: [String: String], options: String = "visibility=internal") throws -> Result {
        let folder = try TemporaryFolder()
        let output = folder.path + "/out"
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: false)
        for (name, text) in schemas {
            try text.write(toFile: folder.path + "/" + name, atomically: false, encoding: .utf8)
        }
        let run = try ChildProcess.run(
            "/usr/bin/env",
            [
                "protoc", "--plugin=protoc-gen-martlet=\(try path())", "--martlet_out=\(output)",
                "--martlet_opt=\(options)", "-I\(folder.path)", "-I\(CheckedInTests.root)/Proto",
            ] + schemas.keys.sorted())
        var files: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: output) {
            files[name] = try String(contentsOfFile: output + "/" + name, encoding: .utf8)
        }
        return Result(files: files, errors: run.errors)
    }
}
