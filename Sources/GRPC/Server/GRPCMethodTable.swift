internal import MartletCore

/// From a path to its method, without making a String of it.
struct GRPCMethodTable: Sendable {
    private let methods: [GRPCMethod]
    /// Open addressing: an index into `methods`, or -1. At most half full.
    private let slots: [Int32]

    /// - Throws: `invalidArgument` when two methods have the same path.
    init(_ methods: [GRPCMethod]) throws(ServiceError) {
        var size = 8
        while size < 2 * methods.count { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        for (index, method) in methods.enumerated() {
            var slot = method.pathBytes.withUnsafeBytes { Self.hash($0) } & (size - 1)
            while slots[slot] >= 0 {
                guard methods[Int(slots[slot])].path != method.path else {
                    throw ServiceError(.invalidArgument, "\(method.path) is mounted twice")
                }
                slot = (slot + 1) & (size - 1)
            }
            slots[slot] = Int32(clamping: index)
        }
        self.methods = methods
        self.slots = slots
    }

    func method(at path: UnsafeRawBufferPointer) -> GRPCMethod? {
        var slot = Self.hash(path) & (slots.count - 1)
        while case let index = Int(slots[slot]), index >= 0 {
            let method = methods[index]
            if method.pathBytes.count == path.count, method.pathBytes.elementsEqual(path) { return method }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// FNV-1a over the path's end, which is where paths of one service differ.
    private static func hash(_ path: UnsafeRawBufferPointer) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path.suffix(32) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7FFF_FFFF)
    }
}
