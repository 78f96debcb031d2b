/// Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
enum PrometheusText {
    static func appendHeader(_ name: String, _ help: String, _ kind: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "# HELP \(name) \(escaped(help, quotes: false))\n# TYPE \(name) \(kind)\n".utf8)
    }

    /// `a="b",c="d"`, escaped.
    static func pairs(_ labels: [String], _ values: [String]) -> String {
        zip(labels, values).map { "\($0)=\"\(escaped($1, quotes: true))\"" }.joined(separator: ",")
    }

    static func appendSample(_ name: String, _ labels: String, _ value: some BinaryInteger, to bytes: inout [UInt8]) {
        append(name, labels, String(value), to: &bytes)
    }

    static func appendSample(_ name: String, _ labels: String, _ value: Double, to bytes: inout [UInt8]) {
        append(name, labels, number(value), to: &bytes)
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func append(_ name: String, _ labels: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8)
        if !labels.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes.append(contentsOf: labels.utf8)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: value.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// What a metric and a label may be called.
enum MetricName {
    static func isValid(_ name: String) -> Bool { isName(name, colons: true) }

    /// `le` is the histogram's own, and a leading `__` is Prometheus' own.
    static func isValid(label: String) -> Bool {
        label != "le" && !label.hasPrefix("__") && isName(label, colons: false)
    }

    private static func isName(_ name: String, colons: Bool) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
            case UInt8(ascii: ":"): colons
            default: false
            }
        }
    }
}
