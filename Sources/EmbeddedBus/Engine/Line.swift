/// First in, first out, in constant time at both ends it is used at.
struct Line<Element> {
    private var elements: [Element] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { head == elements.count }

    var first: Element? { head < elements.count ? elements[head] : nil }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func append(contentsOf more: some Sequence<Element>) { elements.append(contentsOf: more) }

    mutating func prepend(contentsOf more: [Element]) {
        elements.replaceSubrange(0..<head, with: more)
        head = 0
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: elements.capacity <= 1024)
            head = 0
        } else if head >= 256, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Takes out the first that `isWanted` says yes to, wherever it stands.
    mutating func remove(where isWanted: (Element) -> Bool) -> Element? {
        guard let index = elements[head...].firstIndex(where: isWanted) else { return nil }
        return elements.remove(at: index)
    }

    mutating func removeAll() {
        elements = []
        head = 0
    }
}
