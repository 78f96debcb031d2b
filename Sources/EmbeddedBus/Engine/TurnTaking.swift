/// Lets one at a time through, in the order of their coming. Confined to a loop.
struct TurnTaking {
    private var isTaken = false
    private var waiting = Line<UnsafeContinuation<Void, Never>>()

    /// Whether it is the caller's turn now; if not, `continuation` is resumed when it is.
    mutating func take(_ continuation: UnsafeContinuation<Void, Never>) {
        if isTaken {
            waiting.append(continuation)
        } else {
            isTaken = true
            continuation.resume()
        }
    }

    mutating func leave() {
        if let next = waiting.popFirst() { next.resume() } else { isTaken = false }
    }
}
