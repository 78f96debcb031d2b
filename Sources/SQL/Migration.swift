/// One numbered step of a schema. Once released it never changes: a later one corrects it.
public struct Migration: Sendable, Hashable {
    /// From 1, each greater than the one before.
    public var number: Int
    public var name: String
    /// One statement each, run in order in one transaction.
    public var statements: [String]

    public init(_ number: Int, _ name: String, _ statements: [String]) {
        self.number = number
        self.name = name
        self.statements = statements
    }

    /// FNV-1a over the statements, 16 hexadecimal digits: finds an edit made by mistake, which is all it is for.
    public var checksum: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for statement in statements {
            for byte in statement.utf8 { mix(byte) }
            mix(0)
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
