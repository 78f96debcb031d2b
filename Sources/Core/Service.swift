/// Something that runs until it is told to stop: a server, a consumer, a janitor.
///
/// `run` returns when a graceful shutdown is asked for (see ``ShutdownSignal``) and everything it had begun is
/// finished. It throws when it cannot go on.
public protocol Service: Sendable {
    /// For logs and `status`.
    var name: String { get }
    func run() async throws
}
