// Reads any bytes as a client's commands, as what follows DATA, and as a message, and stops when one of these does not
// hold:
// - nothing traps;
// - commands, and a message, give the same result or the same error in one piece, byte by byte, and cut in two;
// - a message that was taken holds no CR or LF alone: nobody can find another end in it;
// - what is read of a message stays within its limits;
// - a mail that is written from any text reads back as that text, with no field that was not asked for.
import MailService
import MartletCore
import MartletSMTP

/// What a session says to `input` in pieces that end at these offsets.
func readCommands(_ input: [UInt8], _ endings: [Int]) -> String {
    var limits = SMTPServer.Limits()
    limits.messageBytes = 2000
    var session = SMTPSession(name: "here", limits: limits)
    var lines = SMTPLineReader(limit: 600)
    var said = ""
    var start = 0
    for end in endings {
        while true {
            let step: SMTPSession.Step? = input[start..<end].withUnsafeBytes { piece in
                do throws(SMTPReply) {
                    guard let length = try lines.next(piece) else { return nil }
                    precondition(length <= piece.count, "took more than there is")
                    start += length
                    return session.handle(line: UnsafeRawBufferPointer(rebasing: piece[..<(length - 2)]))
                } catch {
                    return .close(error)
                }
            }
            switch step {
            case nil: break
            case .reply(let reply)?:
                said += reply.text
                continue
            case .receive(let reply)?:
                said += reply.text
                _ = session.endMessage(SMTPReply(250, nil, "kept"))
                continue
            case .close(let reply)?: return said + reply.text
            }
            break
        }
    }
    return said + "more"
}

/// The message after DATA and how much of the input it took, or why it was refused.
func readData(_ input: [UInt8], _ endings: [Int]) -> String {
    var decoder = SMTPDataDecoder(lineLimit: 200)
    var message: [UInt8] = []
    var start = 0
    for end in endings {
        let result: String? = input[start..<end].withUnsafeBytes { piece in
            do throws(SMTPReply) {
                let taken = try decoder.decode(piece) { message += $0 }
                precondition(taken.consumed <= piece.count, "took more than there is")
                start += taken.consumed
                return taken.isFinished ? "\(message) \(start)" : nil
            } catch {
                return error.text
            }
        }
        if let result {
            if result.hasPrefix("[") { checkLineEnds(message) }
            return result
        }
    }
    return "more"
}

func checkLineEnds(_ message: [UInt8]) {
    for (index, byte) in message.enumerated() {
        if byte == 10 { precondition(index > 0 && message[index - 1] == 13, "an LF alone") }
        if byte == 13 { precondition(index + 1 < message.count && message[index + 1] == 10, "a CR alone") }
    }
}

func checkReading(_ input: [UInt8]) {
    let mail = MIMEReader.readNow(input)
    precondition(mail.attachments.count <= 500 && mail.fields.count <= 500, "over its limits")
    for attachment in mail.attachments {
        precondition(attachment.size <= input.count * 2 + 64, "larger than its source")
    }
}

/// The input as a subject, a name and a text: written and read again.
func checkWriting(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    guard let address = try? MailAddress("a@b") else { return }
    let message = MailMessage(
        from: NamedMailAddress(name: text, address: address), to: [NamedMailAddress(address: address)], subject: text,
        messageID: "1@here", plain: text, html: text)
    do throws(MailMessageError) {
        let source = try message.encoded()
        precondition(!text.utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 }, "a line break in a field was let through")
        checkLineEnds(source)
        let read = MIMEReader.readNow(source)
        // GMime counts Content-Type among the body's fields.
        let names = read.fields.map { $0.name }
        precondition(names == ["Date", "Message-ID", "MIME-Version", "From", "To", "Subject"], "\(names)")
        precondition(read.plain == text, "another text: \(read.plain ?? "none")")
        precondition(read.html == text, "another HTML: \(read.html ?? "none")")
        precondition(read.attachments.isEmpty, "a part that was not asked for")
    } catch {
        return
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSMTP(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    for read in [readCommands(_:_:), readData(_:_:)] as [([UInt8], [Int]) -> String] {
        let whole = read(input, [input.count])
        precondition(read(input, Array(0...input.count)) == whole, "byte by byte: not \(whole)")
        // Where to cut is the input's own choice, so that it can be learned.
        let cut = input.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff } % (input.count + 1)
        precondition(read(input, [cut, input.count]) == whole, "cut at \(cut): not \(whole)")
    }
    checkReading(input)
    checkWriting(input)
    return 0
}
