internal import Glibc
internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

/// `martlet call NAME PATH [JSON]`.
enum CallCommand {
    private static let method = Flag(
        name: "method", letter: "X", placeholder: "METHOD", type: .method,
        help: "GET without JSON and POST with it, unless this says otherwise.")
    private static let header = Flag(
        name: "header", letter: "H", placeholder: "'NAME: VALUE'", type: .header, help: "Goes along with the request.",
        isRepeatable: true)
    private static let timeout = Flag(
        name: "timeout", letter: nil, placeholder: "DURATION", type: .duration(in: .zero ... .seconds(86_400)),
        help: "How long the answer may take; 30s by default, and 0s for a stream without end.")

    static let command = Command(
        name: "call", summary: "calls a route of a service by the service's name and prints the answer",
        details: """
            JSON is sent as it is; - reads it from standard input. On a terminal an answer in JSON is put into lines. A status
            other than 2xx is said on standard error, and 4xx and 5xx end with exit code 1.

              martlet call logger '/logs?limit=3'
              martlet call broker /handle '{"action":"log","log":{"name":"event","data":"from martlet call"}}'
            """,
        operands: [
            .service, Operand(name: "PATH"), Operand(name: "JSON", isOptional: true),
        ], flags: [method, header, timeout], work: .reading { try await run($0) })

    private static let inputLimit = 16 << 20
    private static let prettyLimit = 16 << 20

    private static func run(_ invocation: Invocation) async throws -> Int32 {
        let request = try request(for: invocation)
        let patience = invocation[timeout] ?? .seconds(30)
        let client = try await ServiceClient(
            invocation.operands[0], for: invocation, patience: patience == .zero ? nil : patience)
        let response = try await client.send(request)
        try await show(response, on: invocation.terminal)
        guard !response.status.isSuccess else { return ServiceProcess.ExitCode.success }
        ProcessFiles.writeError("martlet: \(client.name) answered \(response.status)\n")
        return response.status.code >= 400 ? ServiceProcess.ExitCode.failure : ServiceProcess.ExitCode.success
    }

    private static func request(for invocation: Invocation) throws -> HTTPRequest {
        let path = invocation.operands[1]
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw UsageProblem("PATH begins with / and is visible ASCII, the rest percent-encoded")
        }
        var headers = HTTPHeaders()
        var body: [UInt8]?
        if let text = invocation.operand(2) {
            let bytes = text == "-" ? try readInput() : Array(text.utf8)
            do throws(JSONError) { try JSON.validate(bytes) } catch {
                throw UsageProblem("JSON cannot be read: \(error)")
            }
            headers.add("Content-Type", "application/json")
            body = bytes
        }
        for field in invocation.all(header) {
            if field.name.lowercased() == "content-type" { headers.remove(field.name) }
            headers.add(field.name, field.value)
        }
        return HTTPRequest(
            invocation[method] ?? (body == nil ? .get : .post), path, headers: headers,
            body: body.map { .bytes($0) } ?? .empty)
    }

    private static func readInput() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= inputLimit {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
        throw UsageProblem("standard input has more than \(ByteSize.format(inputLimit))")
    }

    /// As it comes, for a program; in lines and without anything that the terminal obeys, for a person.
    private static func show(_ response: HTTPResponse, on terminal: Terminal) async throws {
        let type = (response.headers["Content-Type"] ?? "").lowercased()
        if terminal.isTerminal, type.hasPrefix("application/json") {
            let bytes = try await response.body.collect(upTo: prettyLimit)
            let text = String(decoding: bytes, as: UTF8.self)
            return try terminal.write(
                PrettyJSON.text(bytes, hasColors: terminal.hasColors) ?? TerminalText.block(text))
        }
        var last: UInt8?
        // A character may lie in two pieces: a terminal gets whole lines.
        var rest: [UInt8] = []
        for try await piece in response.body {
            last = piece.last ?? last
            guard terminal.isTerminal else {
                try terminal.write(piece)
                continue
            }
            rest += piece
            guard let end = rest.lastIndex(of: 0x0A) else { continue }
            try terminal.write(TerminalText.block(String(decoding: rest[...end], as: UTF8.self)))
            rest.removeSubrange(...end)
        }
        try terminal.write(TerminalText.block(String(decoding: rest, as: UTF8.self)))
        if terminal.isTerminal, let last, last != 0x0A { try terminal.write("\n") }
    }
}

extension ConfigurationType<HTTPMethod> {
    fileprivate static var method: Self {
        Self(
            allowed: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
            parse: { text in
                let known: [HTTPMethod] = [.get, .head, .post, .put, .patch, .delete, .options]
                return HTTPMethod(text.uppercased()).flatMap { known.contains($0) ? $0 : nil }
            }, show: { $0.name })
    }
}

/// A header of the request.
private struct HeaderField {
    let name: String
    let value: String
}

extension ConfigurationType<HeaderField> {
    fileprivate static var header: Self {
        Self(
            allowed: "NAME: VALUE, of one line and not Host, Connection, Content-Length or Transfer-Encoding",
            parse: { text in
                let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy({ isToken($0) }),
                    !["host", "connection", "content-length", "transfer-encoding"].contains(parts[0].lowercased()),
                    parts[1].utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
                else { return nil }
                let value = parts[1].drop { $0 == " " }
                return HeaderField(name: String(parts[0]), value: String(value))
            }, show: { "\($0.name): \($0.value)" })
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
