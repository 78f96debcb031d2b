import FoundationEssentials
import MartletCore
import Testing

@testable import MailService

@Suite("Mail templates")
struct TemplateTests {
    @Test("have placeholders, which are not looked for in what is put in")
    func rendering() throws {
        let template = try MailTemplate("a {{.x}} {{ .y_1 }}{{.x}}")
        #expect(try template.render(["x": "{{.y_1}}", "y_1": "<&>"], isHTML: false) == "a {{.y_1}} <&>{{.y_1}}")
        #expect(
            try template.render(["x": "\"'", "y_1": "<&>"], isHTML: true) == "a &#34;&#39; &lt;&amp;&gt;&#34;&#39;")
        #expect(throws: MailTemplateError.self) { try template.render(["x": ""], isHTML: true) }
    }

    @Test(
        "with what is no placeholder are refused",
        arguments: ["{{", "{{.x", "{{x}}", "{{.}}", "{{.a.b}}", "{{if .x}}", "{{.x | html}}", "{{define \"body\"}}"])
    func malformed(source: String) {
        #expect(throws: MailTemplateError.self) { try MailTemplate(source) }
    }

    private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/martlet-templates-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in files { try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8) }
        try body(folder)
    }

    @Test("of a folder go before the built-in ones, and join them")
    func folder() throws {
        let files = ["message.txt": "own {{.message}}", "offer.txt": "o", "offer.html": "<o>", "README": "{{"]
        try withFolder(files) { folder in
            var templates = try MailTemplates()
            try templates.read(folder: folder)
            let message = try templates.render("message", ["message": "m"])
            #expect(message.plain == "own m")
            #expect(message.html.contains("<p"))
            #expect(try templates.render("offer", [:]) == MailTemplates.Text(plain: "o", html: "<o>"))
        }
    }

    @Test(
        "of a folder that cannot be used are refused with the file's name",
        arguments: [
            (["UPPER.txt": ""], "UPPER.txt"), (["a b.html": ""], "a b.html"), (["offer.txt": ""], "offer.html"),
            (["message.html": "{{x}}"], "message.html"),
            (["message.txt": String(repeating: "x", count: 300_000)], "message.txt"),
        ])
    func refused(files: [String: String], named: String) throws {
        try withFolder(files) { folder in
            #expect {
                var templates = try MailTemplates()
                try templates.read(folder: folder)
            } throws: {
                "\($0)".contains(named)
            }
        }
    }

    @Test("of a folder that is not there are refused")
    func missingFolder() {
        #expect(throws: ServiceError.self) {
            var templates = try MailTemplates()
            try templates.read(folder: "/nowhere/at/all")
        }
    }
}
