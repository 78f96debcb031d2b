// For Tests/System/test_grpc.py: the server of gRPC's interop cases.
internal import Glibc
internal import InteropMessages
internal import MartletCore
internal import MartletGRPC
internal import MartletRuntime

@main
struct GRPCPeer {
    static func main() async throws {
        let server = try GRPCServer(port: 0) {
            InteropService { compressed in
                guard let call = GRPCServerCall.current else { return }
                if compressed { call.compressAnswers(with: .gzip) }
                echo(call)
            } sleep: {
                try await EventLoop.sleep(for: $0)
            }
            HealthService(for: ["grpc.testing.TestService"]) { true }
        }
        try server.start()
        print(server.address?.port ?? 0)
        fflush(nil)
        // Until the test closes our input.
        while readLine() != nil {}
        server.stop()
    }

    /// The two entries of the case custom_metadata.
    private static func echo(_ call: GRPCServerCall) {
        let name = "x-grpc-test-echo-initial"
        if let text = call.metadata[name] { call.setInitialMetadata([name: text]) }
        let trailing = "x-grpc-test-echo-trailing-bin"
        if let bytes = call.metadata[binary: trailing] {
            var trailers = GRPCMetadata()
            trailers.add(trailing, binary: bytes)
            call.setTrailers(trailers)
        }
    }
}
