/// What all records of one logger share: its label and metadata, written out once for each format.
public final class LogContext: Sendable {
    public let label: String
    public let metadata: LogMetadata
    private let json = OnceReference<Rendered>()
    private let text = OnceReference<Rendered>()
    private let color = OnceReference<Rendered>()

    public init(label: String, metadata: LogMetadata = [:]) {
        self.label = label
        self.metadata = metadata
    }

    final class Rendered: Sendable {
        let bytes: [UInt8]
        init(_ bytes: [UInt8]) { self.bytes = bytes }
    }

    /// The metadata in `format`, made by `render` the first time.
    func rendered(_ format: LogFormat, _ render: (LogMetadata, inout LineBuffer) -> Void) -> [UInt8] {
        switch format {
        case .json: Self.rendered(json, metadata, render)
        case .text: Self.rendered(text, metadata, render)
        case .color: Self.rendered(color, metadata, render)
        }
    }

    private static func rendered(
        _ slot: borrowing OnceReference<Rendered>, _ metadata: LogMetadata,
        _ render: (LogMetadata, inout LineBuffer) -> Void
    ) -> [UInt8] {
        if let rendered = slot.load() { return rendered.bytes }
        var bytes: [UInt8] = []
        LineBuffer.write(to: &bytes) { render(metadata, &$0) }
        return slot.storeIfNil(Rendered(bytes)).bytes
    }
}
