/// A number of bytes with a unit: `64KiB`, `10MB`, `1048576`.
public enum ByteSize {
    private static let units: [(name: String, size: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000),
        ("KB", 1_000), ("B", 1), ("", 1),
    ]

    /// Nil for anything but digits and one of the units.
    public static func parse(_ text: String) -> Int? {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        guard let value = Int(String(decoding: digits, as: UTF8.self)),
            let unit = units.first(where: { $0.name == String(text.dropFirst(digits.count)) })
        else { return nil }
        let (bytes, overflow) = value.multipliedReportingOverflow(by: unit.size)
        return overflow ? nil : bytes
    }

    /// In the largest binary unit that keeps it whole.
    public static func format(_ bytes: Int) -> String {
        for unit in units.prefix(3) where bytes >= unit.size && bytes % unit.size == 0 {
            return "\(bytes / unit.size)\(unit.name)"
        }
        return "\(bytes)B"
    }
}
