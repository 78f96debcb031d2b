/// Why an exchange came to nothing, and whether it may be tried again on a new connection.
struct ExchangeFailure: Error {
    /// For the caller.
    var cause: any Error
    var mayRepeat: Bool
}
