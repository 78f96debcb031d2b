/// Comparison whose time does not depend on where two texts differ.
public enum ConstantTime {
    /// The time depends on the length of `given` alone.
    public static func areEqual(_ given: String, _ secret: String) -> Bool {
        let given = Array(given.utf8)
        let secret = Array(secret.utf8)
        var difference = given.count ^ secret.count
        for index in given.indices {
            let byte = secret.isEmpty ? 0 : secret[index % secret.count]
            difference |= Int(given[index] ^ byte)
        }
        return difference == 0
    }
}
