import MartletCore
import MartletRuntime
import Testing

/// A loop of the test's own, ended with it.
@discardableResult
func withLoop<Result: Sendable>(
    _ name: String = "test", _ body: @escaping @Sendable (EventLoop) async throws -> Result
) async throws -> Result {
    let group = EventLoopGroup(loops: 1, name: name)
    defer { group.shutdown() }
    return try await group.run(body)
}
