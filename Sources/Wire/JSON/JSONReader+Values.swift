extension JSONReader {
    public mutating func jsonObject(_ value: inout JSONObject) {
        var any = JSONValue.null
        if isNext(UInt8(ascii: "{")) {
            json(&any)
        } else if !takeNull() {
            return noteMismatch(JSONObject.typeName)
        }
        value = if case .object(let object) = any { object } else { JSONObject() }
    }

    public mutating func jsonArray(_ value: inout JSONArray) {
        var any = JSONValue.null
        if isNext(UInt8(ascii: "[")) {
            json(&any)
        } else if !takeNull() {
            return noteMismatch(JSONArray.typeName)
        }
        value = if case .array(let elements) = any { JSONArray(elements) } else { JSONArray() }
    }

    mutating func isNext(_ byte: UInt8) -> Bool {
        skipSpace()
        return at < end && at.pointee == byte
    }

    /// A container whose end has not come yet.
    private struct Container {
        var elements: [JSONValue] = []
        var members: [JSONObject.Member] = []
        /// The key of the member being read, in an object.
        var key: String?
    }

    /// Reads a value of any kind. Does not recurse.
    public mutating func json(_ value: inout JSONValue) {
        let outer = depth
        var enclosing: [Container] = []
        var current = Container()
        while true {
            guard let byte = significantByte() else { return }
            var finished: JSONValue
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                guard enter() else { return }
                let isObject = byte == UInt8(ascii: "{")
                if isObject ? firstMember() : firstElement() {
                    enclosing.append(current)
                    current = Container(key: isObject ? keyString() : nil)
                    continue
                }
                finished = isObject ? .object(JSONObject()) : .array([])
            } else {
                finished = scalar(byte)
            }
            if isBroken { return }

            while depth > outer {
                let isMore: Bool
                if let key = current.key {
                    current.members.append(JSONObject.Member(key: key, value: finished))
                    isMore = nextMember()
                    if isMore { current.key = keyString() }
                } else {
                    current.elements.append(finished)
                    isMore = nextElement()
                }
                if isMore { break }
                if isBroken { return }
                finished = current.key == nil ? .array(current.elements) : .object(JSONObject(current.members))
                current = enclosing.removeLast()
            }
            if depth == outer {
                value = finished
                return
            }
        }
    }

    private mutating func scalar(_ first: UInt8) -> JSONValue {
        scanScalar(first)
        if isBroken { return .null }
        switch first {
        case UInt8(ascii: "\""): return .string(tokenString())
        case UInt8(ascii: "t"): return .bool(true)
        case UInt8(ascii: "f"): return .bool(false)
        case UInt8(ascii: "n"): return .null
        default: return number()
        }
    }

    private mutating func number() -> JSONValue {
        if tokenIsInteger, token.count <= 20, !token.elementsEqual("-0".utf8),
            let integer = Int64(String(decoding: token, as: UTF8.self))
        {
            return .integer(integer)
        }
        guard let number = tokenDouble() else {
            noteNumber(Double.typeName)
            return .null
        }
        return JSONValue(normalizing: number)
    }
}
