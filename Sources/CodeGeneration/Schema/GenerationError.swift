/// Why nothing was generated: for the person who wrote the schema, or who runs protoc.
package struct GenerationError: Error, Equatable, CustomStringConvertible {
    package var file: String
    package var message: String

    /// `logs.proto: …`
    package var description: String { file.isEmpty ? message : "\(file): \(message)" }
}
