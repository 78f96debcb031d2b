internal import Glibc

/// What belongs to threads rather than to one loop.
enum LoopThread {
    static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// A peer that goes away must be an error of the write, not the end of the process.
    static let ignorePipeSignals: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
