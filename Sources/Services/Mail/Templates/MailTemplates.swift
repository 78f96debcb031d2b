/// The templates of a service, by name: each is a plain text and the same as HTML.
struct MailTemplates: Sendable {
    struct Text: Sendable, Hashable {
        var plain: String
        var html: String
    }

    private var plain: [String: MailTemplate] = [:]
    private var html: [String: MailTemplate] = [:]

    /// Of a name, in bytes.
    static let nameLimit = 64

    /// Those that every service has.
    init() throws(MailTemplateError) {
        for (name, texts) in Self.builtIn {
            plain[name] = try MailTemplate(texts.plain)
            html[name] = try MailTemplate(texts.html)
        }
    }

    /// Puts a template in the place of one of the same name.
    mutating func set(_ name: String, isHTML: Bool, to source: String) throws(MailTemplateError) {
        if isHTML { html[name] = try MailTemplate(source) } else { plain[name] = try MailTemplate(source) }
    }

    /// Names of which one of the two texts is missing.
    var incomplete: [String] { Set(plain.keys).symmetricDifference(html.keys).sorted() }

    /// - Throws: ``MailTemplateError`` when there is no such template, or it lacks a value.
    func render(_ name: String, _ values: [String: String]) throws(MailTemplateError) -> Text {
        guard let plain = plain[name], let html = html[name] else {
            throw MailTemplateError("there is no template “\(name.prefix(Self.nameLimit))”")
        }
        return Text(plain: try plain.render(values, isHTML: false), html: try html.render(values, isHTML: true))
    }

    /// What may be a template's name, and so a part of a file's.
    static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= nameLimit && text.first != "-"
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}

extension MailTemplates {
    /// `message`: the original's, whose HTML is a bare page. `signed-out`: for `name`, who signed out at `time`.
    static let builtIn: [String: (plain: String, html: String)] = [
        "message": (
            "{{.message}}\n",
            page(#"<p style="white-space: pre-line">{{.message}}</p>"#)
        ),
        "signed-out": (
            "Hello {{.name}},\n\nyou signed out at {{.time}}. If this was not you, change your password.\n",
            page(
                """
                <p>Hello {{.name}},</p>
                <p>you signed out at {{.time}}. If this was not you, change your password.</p>
                """)
        ),
    ]

    private static func page(_ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta name="viewport" content="width=device-width"/>
        <meta http-equiv="Content-Type" content="text/html; charset=UTF-8"/>
        <title></title>
        </head>
        <body>
        \(body)
        </body>
        </html>

        """
    }
}
