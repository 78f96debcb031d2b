/// An enumeration in a schema: numbers with names. JSON has the name, or the number where there is none.
///
/// A Swift enum over `Int32` has only its numbers; one that gives `name` has names as well:
///
///     enum Level: Int32, MessageEnum {
///         case info, warning
///         static let enumName = "Level"
///         var name: String? { "\(self)" }
///         init?(name: String) { … }
///     }
public protocol MessageEnum: FieldValue, Equatable {
    /// The schema's name for the type.
    static var enumName: String { get }
    var number: Int32 { get }
    /// Nil when the number stands for nothing here, which readers then refuse. An open enumeration, as proto3 has them,
    /// takes every number.
    init?(number: Int32)

    /// How JSON writes it.
    var name: String? { get }
    init?(name: String)
}

extension MessageEnum {
    public static var typeName: String { enumName }
    @inlinable public var isEmptyField: Bool { number == 0 }
    @inlinable public static var isNumeric: Bool { true }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.enumeration(&self) }

    public var name: String? { nil }
    public init?(name: String) { return nil }
}

extension MessageEnum where Self: RawRepresentable, RawValue == Int32 {
    @inlinable public var number: Int32 { rawValue }
    @inlinable
    public init?(number: Int32) { self.init(rawValue: number) }
}
