internal import MartletCore
internal import MartletHTTP
internal import MartletWire

/// The logger, as far as this service calls it.
struct LoggerClient: Sendable {
    let client: HTTPClient
    let logger: HTTPBaseURL

    /// `POST /log`, within the deadline of the current `CallContext`.
    ///
    /// - Throws: `ServiceError` when the logger cannot be reached, or does not take the entry.
    func report(_ event: LoginReporter.Event) async throws {
        let entry = JSON.encode(LoginEntry(email: event.email))
        let response = try await client.send(
            HTTPRequest(.post, "/log", headers: .json, body: .bytes(entry)), to: logger)
        // Read to its end, so that the connection is used again.
        _ = try await response.body.collect(upTo: 64 << 10)
        guard response.status.isSuccess else {
            throw ServiceError(.unavailable, "the logger answered \(response.status)")
        }
    }
}
