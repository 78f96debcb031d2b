internal import MartletCore
internal import MartletWire

/// JSON put into lines for people. Works on the bytes, so that numbers, keys and their order stay what they were; only
/// what a terminal would obey is spelt out.
struct PrettyJSON {
    private let hasColors: Bool
    private var output: [UInt8] = []
    private var open = [Level(isObject: false, expectsKey: false)]

    private struct Level {
        var isObject: Bool
        /// Of an object: what comes next is a key.
        var expectsKey: Bool
    }

    private init(hasColors: Bool) { self.hasColors = hasColors }

    /// With a line end. Nil for what is not JSON.
    static func text(_ bytes: [UInt8], hasColors: Bool = false) -> String? {
        guard (try? JSON.validate(bytes)) != nil else { return nil }
        var printer = PrettyJSON(hasColors: hasColors)
        printer.print(bytes)
        return String(decoding: printer.output, as: UTF8.self)
    }

    /// - Parameter bytes: valid JSON.
    private mutating func print(_ bytes: [UInt8]) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                let end = Self.endOfString(in: bytes, from: index)
                string(bytes[index..<end])
                index = end - 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if let end = Self.endOfEmpty(in: bytes, from: index) {
                    output += [byte, bytes[end]]
                    index = end
                } else {
                    let isObject = byte == UInt8(ascii: "{")
                    output.append(byte)
                    open.append(Level(isObject: isObject, expectsKey: isObject))
                    newLine()
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                open.removeLast()
                newLine()
                output.append(byte)
            case UInt8(ascii: ","):
                output.append(byte)
                newLine()
                open[open.count - 1].expectsKey = open[open.count - 1].isObject
            case UInt8(ascii: ":"):
                output += ": ".utf8
                open[open.count - 1].expectsKey = false
            case 0x20, 0x09, 0x0A, 0x0D: break
            default: output.append(byte)
            }
            index += 1
        }
        output.append(0x0A)
    }

    private mutating func newLine() {
        output.append(0x0A)
        output += [UInt8](repeating: 0x20, count: 2 * (open.count - 1))
    }

    private mutating func string(_ bytes: ArraySlice<UInt8>) {
        let isColored = hasColors && open[open.count - 1].expectsKey
        if isColored { output += "\u{1B}[36m".utf8 }
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar.isObeyedByTerminals {
                let digits = String(scalar.value, radix: 16)
                output += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
            } else {
                output += UTF8.encode(scalar).map(Array.init) ?? []
            }
        }
        if isColored { output += "\u{1B}[0m".utf8 }
    }

    /// The index after the string's closing quote.
    private static func endOfString(in bytes: [UInt8], from start: Int) -> Int {
        var index = start + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index + 1, bytes.count)
    }

    /// Where the bracket at `start` is closed, if there is nothing but white space in between.
    private static func endOfEmpty(in bytes: [UInt8], from start: Int) -> Int? {
        var index = start + 1
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
        guard index < bytes.count, bytes[index] == bytes[start] + 2 else { return nil }
        return index
    }
}
