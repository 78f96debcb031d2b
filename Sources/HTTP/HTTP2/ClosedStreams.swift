/// The streams that were closed last, and by whom. nghttp2 forgets them at once, and then cannot tell a frame that
/// crossed our RST_STREAM under way, which is to be overlooked, from one that nobody may send any more (RFC 9113 §5.1).
struct ClosedStreams {
    enum Ending { case byPeer, byThisSide }

    /// Numbers; negative where this side reset the stream.
    private var ids: [Int32]
    private var next = 0

    init(capacity: Int) { ids = Array(repeating: 0, count: max(1, capacity)) }

    mutating func add(_ id: Int32, _ ending: Ending) {
        ids[next] = ending == .byPeer ? id : 0 &- id
        next = next &+ 1 == ids.count ? 0 : next &+ 1
    }

    /// Nil when it was too long ago, or never opened.
    func ending(of id: Int32) -> Ending? {
        var known: Ending?
        for closed in ids {
            if closed == 0 &- id { return .byThisSide }
            if closed == id { known = .byPeer }
        }
        return known
    }
}
