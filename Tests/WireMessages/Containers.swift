package import MartletWire

/// What repeats, what may be absent, what excludes each other.
package struct Containers: Message, Equatable {
    package enum Choice: Hashable {
        case text(String)
        case count(Int32)
        case leaf(Leaf)
    }

    package static let messageName = "martlet.test.Containers"
    package var maybeInt: Int32?
    package var maybeString: String?
    package var numbers: [Int32] = []
    package var zigZags: [Int64] = []
    package var doubles: [Double] = []
    package var unpacked: [UInt32] = []
    package var names: [String] = []
    package var leaves: [Leaf] = []
    package var colors: [Color] = []
    package var counts: [String: Int32] = [:]
    package var byNumber: [Int64: Leaf] = [:]
    package var byFlag: [Bool: String] = [:]
    package var bySigned: [Int32: UInt64] = [:]
    package var choice: Choice?

    package init() {}

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "maybe_int", &maybeInt)
        visit.field(2, "maybe_string", &maybeString)
        visit.field(3, "numbers", &numbers)
        visit.field(4, "zig_zags", &zigZags, .zigZag)
        visit.field(5, "doubles", &doubles)
        visit.field(6, "unpacked", &unpacked, .unpacked)
        visit.field(7, "names", &names)
        visit.field(8, "leaves", &leaves)
        visit.field(9, "colors", &colors)
        visit.field(10, "counts", &counts)
        visit.field(11, "by_number", json: "numbered", &byNumber)
        visit.field(12, "by_flag", &byFlag)
        visit.field(13, "by_signed", &bySigned, [.zigZagKey, .fixedWidth])
        visit.field(20, "choice_text", &text, .oneof(1))
        visit.field(21, "choice_count", &count, .oneof(1))
        visit.field(22, "choice_leaf", &leaf, .oneof(1))
    }

    package var text: String? {
        get { if case .text(let text) = choice { text } else { nil } }
        set { if let newValue { choice = .text(newValue) } else if case .text = choice { choice = nil } }
    }
    package var count: Int32? {
        get { if case .count(let count) = choice { count } else { nil } }
        set { if let newValue { choice = .count(newValue) } else if case .count = choice { choice = nil } }
    }
    package var leaf: Leaf? {
        get { if case .leaf(let leaf) = choice { leaf } else { nil } }
        _modify {
            var leaf = self.leaf
            if leaf != nil { choice = nil }
            yield &leaf
            if let leaf { choice = .leaf(leaf) }
        }
    }
}
