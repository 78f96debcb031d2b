// protoc's plugin: a request on standard input, an answer on standard output. Whoever runs it is protoc:
//
//     protoc --plugin=protoc-gen-martlet=PATH --martlet_out=Generated --martlet_opt=visibility=public logs.proto

internal import Glibc
internal import MartletCodeGeneration

@main enum ProtocGenMartlet {
    static func main() {
        guard CommandLine.arguments.count == 1 else {
            stop("protoc-gen-martlet is a plugin of protoc: protoc --martlet_out=FOLDER FILE.proto")
        }
        guard let request = readAll(upTo: CodeGenerator.largestRequest) else {
            stop("protoc-gen-martlet: the request on standard input cannot be read, or is too large")
        }
        guard writeAll(CodeGenerator.answer(request), to: STDOUT_FILENO) else {
            stop("protoc-gen-martlet: nobody reads the answer")
        }
    }

    private static func stop(_ message: String) -> Never {
        _ = writeAll(Array((message + "\n").utf8), to: STDERR_FILENO)
        exit(2)
    }

    private static func readAll(upTo limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            var failed = false
            let chunk = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
                let read = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
                failed = read < 0
                count = max(0, read)
            }
            if failed { return nil }
            if chunk.isEmpty { return bytes }
            bytes += chunk
        }
        return nil
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
                if count <= 0 { return false }
                written += count
            }
            return true
        }
    }
}
