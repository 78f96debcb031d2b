internal import CUV

/// Calls back on a loop when a file in a folder is written to, made, renamed or removed. Until ``stop()``.
///
/// A hint, not a record: several changes may come as one call, and what the kernel does not see (on a network's disk) comes
/// as none. So whoever watches looks at the files themselves, and once in a while without being told.
public final class FolderWatch: @unchecked Sendable {  // `handle` is touched on `loop` alone.
    private let loop: EventLoop
    private let action: @Sendable () -> Void
    private var handle: UnsafeMutablePointer<uv_fs_event_t>?

    private init(on loop: EventLoop, _ action: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.action = action
    }

    /// Returns once the folder is watched; nil when it cannot be: it is not there, or the system has no watch left.
    public static func begin(
        _ folder: String, on loop: EventLoop, _ action: @escaping @Sendable () -> Void
    ) async -> FolderWatch? {
        let watch = FolderWatch(on: loop, action)
        let isWatched = await withUnsafeContinuation { continuation in
            let isTaken = loop.execute { continuation.resume(returning: watch.start(folder)) }
            if !isTaken { continuation.resume(returning: false) }
        }
        return isWatched ? watch : nil
    }

    private func start(_ folder: String) -> Bool {
        let handle = UnsafeMutablePointer<uv_fs_event_t>.allocate(capacity: 1)
        guard uv_fs_event_init(loop.uv, handle) == 0 else {
            handle.deallocate()
            return false
        }
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
        guard uv_fs_event_start(handle, FolderWatch.onEvent, folder, 0) == 0 else {
            uv_close(EventLoop.handle(handle), FolderWatch.onClose)
            return false
        }
        self.handle = handle
        return true
    }

    /// From any thread; a call that is under way is not waited for.
    public func stop() {
        loop.execute { [self] in
            guard let handle else { return }
            self.handle = nil
            uv_close(EventLoop.handle(handle), FolderWatch.onClose)
        }
    }

    private static let onEvent: uv_fs_event_cb = { handle, _, _, _ in
        guard let data = handle?.pointee.data else { return }
        Unmanaged<FolderWatch>.fromOpaque(data).takeUnretainedValue().action()
    }
    private static let onClose: uv_close_cb = { handle in
        guard let handle, let data = handle.pointee.data else { return }
        Unmanaged<FolderWatch>.fromOpaque(data).release()
        UnsafeMutableRawPointer(handle).deallocate()
    }
}
