internal import MartletRuntime

/// What is to be sent on a stream: an array that is handed over as it is, and behind it what was written while that one
/// waited, in one piece, so that small writes of one turn become one frame.
struct HTTP2OutputQueue {
    private var first: [UInt8] = []
    private var start = 0
    private var rest: [UInt8] = []

    var count: Int { first.count &- start &+ rest.count }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ bytes: [UInt8]) {
        if first.isEmpty { first = bytes } else { rest += bytes }
    }

    /// Moves the first `count` bytes, of which there are at least as many, to `output`.
    mutating func move(_ count: Int, to output: inout ByteBuffer) {
        let here = min(count, first.count &- start)
        output.append(first[start..<(start &+ here)])
        start &+= here
        guard start == first.count else { return }
        first = rest
        rest = []
        start = 0
        if here < count { move(count &- here, to: &output) }
    }

    mutating func removeAll() {
        first = []
        rest = []
        start = 0
    }
}
