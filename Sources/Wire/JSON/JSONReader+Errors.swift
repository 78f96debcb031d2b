extension JSONReader {
    /// The first value that does not fit its field, put together from the inside out as the messages around it end.
    struct Mismatch {
        /// What was found: `number`, `number 300`.
        var found: String
        /// The type it should have been.
        var expected: String
        /// The message that has the field; empty for the document itself.
        var owner = ""
        var path: [String] = []
        var offset: Int
        /// Set where no Go text is to be matched.
        var text: String?

        var error: JSONError {
            let place = owner.isEmpty ? "value" : "struct field \(owner).\(path.joined(separator: "."))"
            let message = text ?? "json: cannot unmarshal \(found) into Go \(place) of type \(expected)"
            return JSONError(.mismatch, message, offset: offset, path: path)
        }
    }

    // MARK: Syntax

    /// Ends reading. The first failure counts.
    @inline(never)
    mutating func fail(_ kind: JSONError.Kind, _ message: String) {
        if error == nil { error = JSONError(kind, message, offset: at - start) }
        isBroken = true
        keyCount = Self.noKey
        at = end
    }

    @inline(never)
    mutating func failTruncated() { fail(.truncated, "unexpected EOF") }

    /// The byte at hand cannot stand here.
    @inline(never)
    mutating func failCharacter(_ place: String) {
        fail(.syntax, "invalid character \(Self.quoted(at.pointee)) \(place)")
    }

    /// The byte as Go quotes it: as if it were a Latin-1 character.
    private static func quoted(_ byte: UInt8) -> String {
        func hexadecimal(digits: Int) -> String {
            let text = String(byte, radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        return switch byte {
        case UInt8(ascii: "'"): #"'\''"#
        case UInt8(ascii: "\\"): #"'\\'"#
        case 0x07: #"'\a'"#
        case 0x08: #"'\b'"#
        case 0x09: #"'\t'"#
        case 0x0A: #"'\n'"#
        case 0x0B: #"'\v'"#
        case 0x0C: #"'\f'"#
        case 0x0D: #"'\r'"#
        case 0..<0x20, 0x7F: "'\\x\(hexadecimal(digits: 2))'"
        case 0x80...0xA0, 0xAD: "'\\u\(hexadecimal(digits: 4))'"
        default: "'\(Unicode.Scalar(byte))'"
        }
    }

    // MARK: Mismatches

    /// The next value is not what the field holds. Passes over it.
    @usableFromInline @inline(never)
    mutating func noteMismatch(_ expected: String) {
        skipSpace()
        let offset = at - start
        let first = at < end ? at.pointee : 0
        skipValue()
        if isBroken { return }
        let found =
            switch first {
            case UInt8(ascii: "{"): "object"
            case UInt8(ascii: "["): "array"
            case UInt8(ascii: "\""): "string"
            case UInt8(ascii: "t"), UInt8(ascii: "f"): "bool"
            case UInt8(ascii: "n"): "null"
            default: "number"
            }
        note(Mismatch(found: found, expected: expected, offset: offset))
    }

    /// The number that was scanned last is none that the field can hold.
    @usableFromInline @inline(never)
    mutating func noteNumber(_ expected: String) {
        // Some thousand digits are a number too; the error's reader needs the first few.
        let digits = String(decoding: token.prefix(64), as: UTF8.self) + (token.count > 64 ? "…" : "")
        note(Mismatch(found: "number " + digits, expected: expected, offset: tokenOffset))
    }

    /// The string that was scanned last is none that the field can hold.
    @usableFromInline @inline(never)
    mutating func noteString(_ expected: String) {
        note(Mismatch(found: "string", expected: expected, offset: tokenOffset))
    }

    @inline(never)
    mutating func note(text: String) {
        note(Mismatch(found: "", expected: "", offset: tokenOffset, text: text))
    }

    /// The message that is being read has something that none of its fields has.
    mutating func noteMember(text: String) {
        let isFirst = mismatch == nil
        note(text: text)
        if isFirst { mismatchPathLevel -= 1 }
    }

    private var tokenOffset: Int { token.baseAddress.map { $0 - start } ?? 0 }

    private mutating func note(_ found: Mismatch) {
        guard mismatch == nil else { return }
        mismatch = found
        mismatchPathLevel = level
        mismatchOwnerLevel = level
    }

    /// The mismatch lies in this field.
    @usableFromInline @inline(never)
    mutating func notePath(_ name: StaticString) {
        mismatch?.path.insert("\(name)", at: 0)
        mismatchPathLevel -= 1
    }

    /// The mismatched field is one of this message.
    @usableFromInline @inline(never)
    mutating func noteOwner(_ typeName: String) {
        mismatch?.owner = String(typeName.split(separator: ".").last ?? "")
        mismatchOwnerLevel = 0
    }
}
