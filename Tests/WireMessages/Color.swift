internal import MartletWire

/// An open enumeration, as generated code has them.
package struct Color: MessageEnum, Hashable {
    package static let enumName = "martlet.test.Color"
    package static let fieldDefault = Color(value: 0)
    package static let red = Color(value: 1)
    package var value: Int32

    package init(value: Int32) { self.value = value }
    package init?(number: Int32) { value = number }
    package var number: Int32 { value }
    private static let names = ["COLOR_UNSPECIFIED", "COLOR_RED", "COLOR_GREEN"]
    package var name: String? { Self.names.indices.contains(Int(value)) ? Self.names[Int(value)] : nil }
    package init?(name: String) {
        guard let index = Self.names.firstIndex(of: name) else { return nil }
        value = Int32(index)
    }
}
