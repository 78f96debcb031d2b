internal import CPosix
internal import CUV
internal import Glibc

/// Tells a loop, from any thread, that there is work for it: a pipe which the loop polls.
///
/// Not libuv's `uv_async_t`. Its receiver spins while a sender is between marking the handle and having woken the loop
/// (`uv__async_spin` in libuv 1.44); on a core that both share, the sender loses the processor in just that place, and
/// each wake-up burns 20 µs.
final class LoopWakeUp: @unchecked Sendable {
    // @unchecked: the descriptors never change, and writing to a pipe is safe from any thread. The handle is touched by
    // the loop alone, and freed when nobody can send any more.

    private let handle: UnsafeMutablePointer<uv_poll_t>
    private let readEnd: uv_file
    private let writeEnd: uv_file

    /// Nil when the process is out of descriptors.
    init?(of loop: UnsafeMutablePointer<uv_loop_t>) {
        var ends: (uv_file, uv_file) = (-1, -1)
        let made = withUnsafeMutableBytes(of: &ends) { ends in
            uv_pipe(
                ends.assumingMemoryBound(to: uv_file.self).baseAddress, Int32(UV_NONBLOCK_PIPE.rawValue),
                Int32(UV_NONBLOCK_PIPE.rawValue))
        }
        guard made == 0 else { return nil }
        (readEnd, writeEnd) = ends
        handle = .allocate(capacity: 1)
        guard uv_poll_init(loop, handle, readEnd) == 0 else { return nil }
    }

    /// Frees the descriptors only with the object: a late ``send()`` must not reach a file that has their number.
    deinit {
        Glibc.close(readEnd)
        Glibc.close(writeEnd)
        handle.deallocate()
    }

    /// On the loop's thread, or before it runs.
    func start(data: UnsafeMutableRawPointer, _ callback: uv_poll_cb) {
        handle.pointee.data = data
        uv_poll_start(handle, Int32(UV_READABLE.rawValue), callback)
    }

    /// From any thread. A pipe that is full has wake-ups enough in it.
    func send() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// On the loop's thread, before it looks for the work it was woken for.
    func acknowledge() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            _ = read(readEnd, buffer.baseAddress, buffer.count)
        }
    }

    /// On the loop's thread: blocks it until somebody sends, or the time is over.
    /// - Returns: whether somebody sent.
    func wait(nanoseconds: UInt64) -> Bool {
        var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        return ppoll(&entry, 1, &time, nil) > 0
    }

    func close() {
        guard uv_is_closing(EventLoop.handle(handle)) == 0 else { return }
        uv_close(EventLoop.handle(handle), nil)
    }
}
