internal import CGMime
internal import MartletCore
internal import MartletRuntime

/// Reads messages of any origin with GMime: what is malformed is read as far as it goes.
///
/// On one thread of its own: GMime registers its types when they are first used, without a lock, and a message made to
/// be slow (nested a hundred thousand times, say) must hold up nobody but other readers.
package struct MIMEReader: Sendable {
    /// Of parts in all, and of multiparts in one another.
    static let partLimit = 500
    static let depthLimit = 30
    static let fieldLimit = 500

    private let thread = OffloadPool(name: "mime", threads: 1, queueLimit: 256)

    package init() {}

    package func read(_ source: [UInt8]) async throws -> ReadMail {
        try await thread.run { Self.readNow(source) }
    }

    /// The content of an attachment, decoded; nil when there is none of this number.
    package func attachment(_ number: Int, of source: [UInt8]) async throws -> (
        about: ReadMail.Attachment, bytes: [UInt8]
    )? {
        try await thread.run {
            var walk = MIMEWalk(wantedAttachment: number)
            walk.read(source)
            guard let bytes = walk.wantedContent, walk.mail.attachments.indices.contains(number) else { return nil }
            return (walk.mail.attachments[number], bytes)
        }
    }

    /// The HTML part with the images that the message brings for it; nil when it has none.
    func page(_ source: [UInt8]) async throws -> [UInt8]? {
        try await thread.run { Self.pageNow(source) }
    }

    /// For one thread at a time.
    package static func pageNow(_ source: [UInt8]) -> [UInt8]? {
        var walk = MIMEWalk(wantedAttachment: nil)
        walk.images = InlineImages()
        walk.read(source)
        return walk.mail.html.map { walk.images?.resolved(in: $0) ?? Array($0.utf8) }
    }

    /// For one thread at a time.
    package static func readNow(_ source: [UInt8]) -> ReadMail {
        var walk = MIMEWalk(wantedAttachment: nil)
        walk.read(source)
        return walk.mail
    }
}

/// One way through a message's parts.
private struct MIMEWalk {
    private static let initialized: Void = g_mime_init()

    private(set) var mail = ReadMail()
    private(set) var wantedContent: [UInt8]?
    /// Nil where nobody wants them.
    var images: InlineImages?
    private let wantedAttachment: Int?
    private var parts = 0

    init(wantedAttachment: Int?) { self.wantedAttachment = wantedAttachment }

    mutating func read(_ source: [UInt8]) {
        _ = Self.initialized
        let stream = source.withUnsafeBytes { bytes in
            // Copied there.
            g_mime_stream_mem_new_with_buffer(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard let stream else { return }
        defer { g_object_unref(stream) }
        guard let parser = g_mime_parser_new_with_stream(stream) else { return }
        defer { g_object_unref(parser) }
        guard let message = g_mime_parser_construct_message(parser, nil) else { return }
        defer { g_object_unref(message) }
        readFields(of: message)
        if let body = g_mime_message_get_mime_part(message) { visit(body, depth: 0) }
    }

    private mutating func readFields(of message: UnsafeMutableRawPointer) {
        guard let list = g_mime_object_get_header_list(message) else { return }
        for index in 0..<min(g_mime_header_list_get_count(list), Int32(MIMEReader.fieldLimit)) {
            guard let header = g_mime_header_list_get_header_at(list, index) else { continue }
            var field = ReadMail.Field()
            field.name = Self.text(g_mime_header_get_name(header))
            field.value = Self.text(g_mime_header_get_value(header))
            mail.fields.append(field)
        }
    }

    private mutating func visit(_ part: UnsafeMutableRawPointer, depth: Int) {
        guard parts < MIMEReader.partLimit, depth <= MIMEReader.depthLimit else {
            mail.isCut = true
            return
        }
        parts += 1
        if g_type_check_instance_is_a(part, g_mime_multipart_get_type()) != 0 {
            for index in 0..<max(g_mime_multipart_get_count(part), 0) {
                if let child = g_mime_multipart_get_part(part, index) { visit(child, depth: depth + 1) }
            }
        } else if g_type_check_instance_is_a(part, g_mime_message_part_get_type()) != 0 {
            // A message in a message is something to open, not a part of this one's text.
            attach(part, name: "message.eml")
        } else if g_type_check_instance_is_a(part, g_mime_part_get_type()) != 0 {
            readLeaf(part)
        }
    }

    private mutating func readLeaf(_ part: UnsafeMutableRawPointer) {
        let isText = g_type_check_instance_is_a(part, g_mime_text_part_get_type()) != 0
        if isText, g_mime_part_is_attachment(part) == 0 {
            let type = Self.type(of: part)
            if type == "text/html", mail.html == nil {
                mail.html = Self.lines(Self.taken(g_mime_text_part_get_text(part)) ?? "")
                return
            }
            if type == "text/plain", mail.plain == nil {
                mail.plain = Self.lines(Self.taken(g_mime_text_part_get_text(part)) ?? "")
                return
            }
        }
        attach(part, name: Self.text(g_mime_part_get_filename(part)))
    }

    private mutating func attach(_ part: UnsafeMutableRawPointer, name: String) {
        var attachment = ReadMail.Attachment()
        attachment.number = mail.attachments.count
        attachment.name = String(name.unicodeScalars.prefix(255).map { $0.value < 0x20 ? " " : Character($0) })
        attachment.type = Self.type(of: part)
        let isWanted = wantedAttachment == attachment.number
        let id = images != nil && InlineImages.isImage(attachment.type) ? Self.contentID(of: part) : ""
        let content = Self.content(of: part) { bytes in (bytes.count, isWanted || !id.isEmpty ? Array(bytes) : nil) }
        attachment.size = content?.0 ?? 0
        if isWanted { wantedContent = content?.1 ?? [] }
        if !id.isEmpty, let bytes = content?.1 { images?.add(id, type: attachment.type, bytes) }
        mail.attachments.append(attachment)
    }

    /// Calls `body` with the decoded content.
    private static func content<Result>(
        of part: UnsafeMutableRawPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        guard let stream = g_mime_stream_mem_new() else { return nil }
        defer { g_object_unref(stream) }
        if g_type_check_instance_is_a(part, g_mime_message_part_get_type()) != 0 {
            guard let message = g_mime_message_part_get_message(part) else { return nil }
            _ = g_mime_object_write_to_stream(message, nil, stream)
        } else {
            guard let content = g_mime_part_get_content(part) else { return nil }
            _ = g_mime_data_wrapper_write_to_stream(content, stream)
        }
        guard let array = g_mime_stream_mem_get_byte_array(stream) else { return nil }
        return body(UnsafeRawBufferPointer(start: array.pointee.data, count: Int(array.pointee.len)))
    }

    /// With the line ends of texts here, not those of the wire.
    private static func lines(_ text: String) -> String {
        guard text.utf8.contains(0x0D) else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if byte == 0x0A, bytes.last == 0x0D { bytes.removeLast() }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func type(of part: UnsafeMutableRawPointer) -> String {
        guard let type = g_mime_object_get_content_type(part) else { return "" }
        return taken(g_mime_content_type_get_mime_type(type))?.lowercased() ?? ""
    }

    /// Without its angle brackets.
    private static func contentID(of part: UnsafeMutableRawPointer) -> String {
        let id = text(g_mime_object_get_content_id(part))
        return id.hasPrefix("<") && id.hasSuffix(">") ? String(id.dropFirst().dropLast()) : id
    }

    private static func text(_ text: UnsafePointer<CChar>?) -> String { text.map { String(cString: $0) } ?? "" }

    /// A text of GMime's that is this side's to let go of.
    private static func taken(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        guard let text else { return nil }
        defer { g_free(text) }
        return String(cString: text)
    }
}
