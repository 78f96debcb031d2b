public import MartletCore

/// Calls back on its loop when its time has come.
///
/// Made for deadlines, which are pushed forward with every request and hardly ever reached: moving one later writes one
/// field. Confined to its loop.
public final class LoopTimer {
    /// When it is wanted; may be later than where it stands in the heap.
    fileprivate(set) var deadline = MonotonicTime.never
    /// Where it stands in the heap.
    fileprivate var key = MonotonicTime.never
    fileprivate var index = -1

    private unowned let loop: EventLoop
    private let action: () -> Void

    public init(on loop: EventLoop, _ action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
    }

    /// Fires once at `time`, instead of whatever was asked for before. `.never` puts it off for good.
    public func schedule(at time: MonotonicTime) {
        loop.assertCurrent()
        deadline = time
        if index >= 0 ? time < key : time != .never {
            loop.timers.place(self, at: time)
        }
    }

    /// Takes it out, and lets go of it.
    public func cancel() {
        loop.assertCurrent()
        deadline = .never
        loop.timers.remove(self)
    }

    func fire() { action() }
}

/// The timers of one loop, the earliest on top.
///
/// A heap and not a wheel: with lazy pushing forward the structure is hardly touched, and the loop sleeps exactly until
/// the next timer instead of waking with every tick.
struct TimerHeap {
    private var heap: [LoopTimer] = []

    var next: MonotonicTime? { heap.first?.key }
    var count: Int { heap.count }

    mutating func place(_ timer: LoopTimer, at key: MonotonicTime) {
        timer.key = key
        if timer.index < 0 {
            timer.index = heap.count
            heap.append(timer)
        }
        settle(timer.index)
    }

    mutating func remove(_ timer: LoopTimer) {
        let index = timer.index
        guard index >= 0, let last = heap.popLast() else { return }
        timer.index = -1
        if last !== timer {
            heap[index] = last
            last.index = index
            settle(index)
        }
    }

    /// The next timer that is due at `now`, taken out. One that was pushed forward goes back to where it belongs.
    mutating func popExpired(at now: MonotonicTime) -> LoopTimer? {
        while let top = heap.first, top.key <= now {
            if top.deadline <= now {
                remove(top)
                return top
            }
            if top.deadline == .never { remove(top) } else { place(top, at: top.deadline) }
        }
        return nil
    }

    private mutating func settle(_ start: Int) {
        var index = start
        while index > 0, heap[index].key < heap[(index - 1) / 2].key {
            exchange(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].key < heap[least].key {
                least = child
            }
            if least == index { return }
            exchange(index, least)
            index = least
        }
    }

    private mutating func exchange(_ a: Int, _ b: Int) {
        heap.swapAt(a, b)
        heap[a].index = a
        heap[b].index = b
    }
}
