internal import MartletSystem

extension Operand {
    /// The name of a service.
    static let service = Operand(name: "NAME", words: services())

    /// - Parameter others: names that are good here besides.
    static func services(and others: [String] = []) -> Words {
        Words(noun: "service", all: SystemService.all.map(\.name) + others)
    }
}
