// White space, brackets, keys and literals.
extension JSONReader {
    @usableFromInline
    enum Opening {
        case opened
        /// Null, or nothing more to read.
        case nothing
        /// A value of another kind, still to be read.
        case other
    }

    @inline(__always)
    mutating func skipSpace() {
        while at < end, at.pointee <= 0x20, Self.isSpace(at.pointee) { at += 1 }
    }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// The byte after white space; the document must not end here.
    @inline(__always)
    mutating func significantByte() -> UInt8? {
        skipSpace()
        if at < end { return at.pointee }
        failTruncated()
        return nil
    }

    // MARK: Containers

    @usableFromInline
    mutating func open(_ bracket: UInt8) -> Opening {
        guard let byte = significantByte() else { return .nothing }
        if byte == bracket { return enter() ? .opened : .nothing }
        return takeNull() ? .nothing : .other
    }

    /// Passes over an opening bracket.
    mutating func enter() -> Bool {
        guard depth < maximumDepth else {
            fail(.tooDeep, "exceeded max depth")
            return false
        }
        at += 1
        depth += 1
        return true
    }

    private mutating func leave() {
        at += 1
        depth -= 1
    }

    /// Whether an element follows `[`.
    @usableFromInline
    mutating func firstElement() -> Bool {
        guard let byte = significantByte() else { return false }
        if byte != UInt8(ascii: "]") { return true }
        leave()
        return false
    }

    /// Whether another element follows one.
    @usableFromInline
    mutating func nextElement() -> Bool {
        guard let byte = significantByte() else { return false }
        switch byte {
        case UInt8(ascii: ","):
            at += 1
            return true
        case UInt8(ascii: "]"):
            leave()
            return false
        default:
            failCharacter("after array element")
            return false
        }
    }

    // MARK: Keys

    /// Brings the first key of an object to hand.
    @usableFromInline
    mutating func firstKey() {
        keyCount = Self.noKey
        guard let byte = significantByte() else { return }
        if byte == UInt8(ascii: "}") { leave() } else { scanKey() }
    }

    /// Brings the next key to hand, after a value.
    @usableFromInline
    mutating func nextKey() {
        keyCount = Self.noKey
        guard let byte = significantByte() else { return }
        switch byte {
        case UInt8(ascii: ","):
            at += 1
            scanKey()
        case UInt8(ascii: "}"): leave()
        default: failCharacter("after object key:value pair")
        }
    }

    private mutating func scanKey() {
        isFolding = false
        guard let byte = significantByte() else { return }
        guard byte == UInt8(ascii: "\"") else { return failCharacter("looking for beginning of object key string") }
        at += 1
        key = at
        guard scanString(), let colon = significantByte() else { return }
        guard colon == UInt8(ascii: ":") else { return failCharacter("after object key") }
        at += 1
        if tokenHasEscapes {
            specialKeyBytes.removeAll(keepingCapacity: true)
            unescapeToken(into: &specialKeyBytes)
            keyCount = Self.specialKey
        } else if isProto3 {
            specialKeyBytes.removeAll(keepingCapacity: true)
            specialKeyBytes.append(contentsOf: token)
            keyCount = Self.specialKey
        } else {
            keyCount = token.count
        }
    }

    /// The key at hand. Only right after it was scanned.
    @usableFromInline
    func keyString() -> String {
        if keyCount == Self.specialKey { return String(decoding: specialKeyBytes, as: UTF8.self) }
        return Self.repairedString(token, isASCII: tokenIsASCII)
    }

    /// Has the key at hand tried again without regard to case.
    @usableFromInline
    mutating func foldKey() {
        if keyCount >= 0 {
            specialKeyBytes.removeAll(keepingCapacity: true)
            specialKeyBytes.append(contentsOf: UnsafeBufferPointer(start: key, count: keyCount))
            keyCount = Self.specialKey
        }
        isFolding = true
    }

    /// Passes over a member that no field matches.
    @usableFromInline
    mutating func skipMember() {
        skipValue()
        nextKey()
    }

    @usableFromInline
    func specialKeyEquals(_ name: StaticString) -> Bool {
        if isProto3 { return protoKeyEquals(name) }
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return isFolding ? Self.foldsEqually(specialKeyBytes, name) : specialKeyBytes.elementsEqual(name)
    }

    /// ASCII case, and the two other characters that Unicode folds into ASCII: the Kelvin sign and the long s.
    private static func foldsEqually(_ key: [UInt8], _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        for expected in name {
            guard index < key.count else { return false }
            let byte = key[index]
            let isLetter = (expected | 0x20) &- UInt8(ascii: "a") < 26
            if byte == expected || isLetter && byte | 0x20 == expected | 0x20 {
                index += 1
            } else if expected | 0x20 == UInt8(ascii: "s"), key[index...].starts(with: [0xC5, 0xBF]) {
                index += 2
            } else if expected | 0x20 == UInt8(ascii: "k"), key[index...].starts(with: [0xE2, 0x84, 0xAA]) {
                index += 3
            } else {
                return false
            }
        }
        return index == key.count
    }

    // MARK: Literals

    /// Passes over `null`, if that is the next value.
    @usableFromInline
    mutating func takeNull() -> Bool {
        skipSpace()
        return take("null")
    }

    /// Passes over the literal, if it is next. Truncated or misspelt ones are found by ``scanLiteral(_:)``.
    @inline(__always)
    mutating func take(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard end - at >= count else { return false }
        for index in 0..<count where at[index] != literal.utf8Start[index] { return false }
        at += count
        return true
    }

    private mutating func scanLiteral(_ literal: StaticString) {
        for index in 0..<literal.utf8CodeUnitCount {
            guard at < end else { return failTruncated() }
            let expected = literal.utf8Start[index]
            guard at.pointee == expected else {
                return failCharacter("in literal \(literal) (expecting '\(Unicode.Scalar(expected))')")
            }
            at += 1
        }
    }

    @inlinable
    public mutating func bool(_ value: inout Bool) {
        switch readBool() {
        case .some(let bool?): value = bool
        case .some(nil): noteMismatch(Bool.typeName)
        case nil: break
        }
    }

    /// Nil for null; nil inside for a value of another kind.
    @usableFromInline
    mutating func readBool() -> Bool?? {
        skipSpace()
        if take("true") { return true }
        if take("false") { return false }
        return take("null") ? .none : .some(nil)
    }

    // MARK: Skipping

    /// Passes over one value of any kind, checking its syntax. Does not recurse.
    @usableFromInline
    mutating func skipValue() {
        let outer = depth
        var containers = BitStack()
        while true {
            guard let byte = significantByte() else { return }
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                guard enter() else { return }
                containers.push(byte == UInt8(ascii: "{"))
                let isMore = byte == UInt8(ascii: "{") ? firstMember() : firstElement()
                if isMore { continue }
                containers.pop()
            } else {
                scanScalar(byte)
            }
            if isBroken { return }
            while depth > outer {
                if containers.top ? nextMember() : nextElement() { break }
                if isBroken { return }
                containers.pop()
            }
            if depth == outer { return }
        }
    }

    @inline(__always)
    mutating func firstMember() -> Bool {
        firstKey()
        return keyCount != Self.noKey
    }

    @inline(__always)
    mutating func nextMember() -> Bool {
        nextKey()
        return keyCount != Self.noKey
    }

    mutating func scanScalar(_ first: UInt8) {
        switch first {
        case UInt8(ascii: "\""):
            at += 1
            _ = scanString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = scanNumber()
        case UInt8(ascii: "t"): scanLiteral("true")
        case UInt8(ascii: "f"): scanLiteral("false")
        case UInt8(ascii: "n"): scanLiteral("null")
        default: failCharacter("looking for beginning of value")
        }
    }
}

/// One bit per open container: whether it is an object. Needs no memory up to 64.
struct BitStack {
    private var word: UInt64 = 0
    private var count = 0
    private var full: [UInt64] = []

    var top: Bool { word & 1 == 1 }

    mutating func push(_ bit: Bool) {
        if count != 0, count % 64 == 0 { full.append(word) }
        word = word << 1 | (bit ? 1 : 0)
        count += 1
    }

    mutating func pop() {
        count -= 1
        word >>= 1
        if count != 0, count % 64 == 0, let last = full.popLast() { word = last }
    }
}
