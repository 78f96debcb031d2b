internal import CUV
internal import Glibc

/// Calls back on a loop when the process gets one of some signals. Until ``stop()``.
public final class SignalWatch: @unchecked Sendable {  // `handles` is touched on `loop` alone.
    /// What asks a process to end: SIGTERM and SIGINT.
    public static let termination: [Int32] = [SIGTERM, SIGINT]

    private let loop: EventLoop
    private var handles: [UnsafeMutablePointer<uv_signal_t>] = []
    private let action: @Sendable (Int32) -> Void

    public init(_ signals: [Int32], on loop: EventLoop, _ action: @escaping @Sendable (_ signal: Int32) -> Void) {
        self.loop = loop
        self.action = action
        loop.execute { [self] in
            for number in signals {
                let handle = UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1)
                guard uv_signal_init(loop.uv, handle) == 0 else {
                    handle.deallocate()
                    continue
                }
                handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
                handles.append(handle)
                uv_signal_start(handle, SignalWatch.onSignal, number)
            }
        }
    }

    public func stop() {
        loop.execute { [self] in
            for handle in handles {
                uv_signal_stop(handle)
                uv_close(EventLoop.handle(handle), SignalWatch.onClose)
            }
            handles = []
        }
    }

    private static let onSignal: uv_signal_cb = { handle, number in
        guard let data = handle?.pointee.data else { return }
        Unmanaged<SignalWatch>.fromOpaque(data).takeUnretainedValue().action(number)
    }
    private static let onClose: uv_close_cb = { handle in
        guard let handle, let data = handle.pointee.data else { return }
        Unmanaged<SignalWatch>.fromOpaque(data).release()
        UnsafeMutableRawPointer(handle).deallocate()
    }
}
