/// The chunked transfer coding (RFC 9112 §7.1), piece by piece. Pure: bytes in, parts of the body out.
package struct HTTPChunkedDecoder {
    private enum Stage {
        case sizeStart, size, beforeExtension, `extension`, sizeLineFeed
        case data
        case dataReturn, dataLineFeed
        case trailers
        case finished
    }

    private let limits: HTTPHeadLimits
    private var stage = Stage.sizeStart
    private var remaining = 0
    private var digits = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerLine: [UInt8] = []
    private var trailerFraming = MessageFraming()

    /// The trailer section, once the body is finished. Fields that would change the framing are refused there.
    package private(set) var trailers = HTTPHeaders()

    package init(limits: HTTPHeadLimits = HTTPHeadLimits()) { self.limits = limits }

    package enum Step {
        /// Bytes of the body: `input[start..<end]`. Everything before `end` is done with.
        case data(start: Int, end: Int)
        /// All of the input was taken; more must come.
        case needsMore
        /// The body ended; what is at `end` belongs to the next message.
        case finished(end: Int)
    }

    /// Continues at the start of `input`; call again with the rest after ``Step/data(start:end:)``.
    package mutating func next(_ input: UnsafeRawBufferPointer) throws(HTTPParseError) -> Step {
        var index = 0
        while index < input.count {
            if stage == .data {
                let length = min(remaining, input.count &- index)
                remaining &-= length
                if remaining == 0 { stage = .dataReturn }
                return .data(start: index, end: index &+ length)
            }
            let byte = input[index]
            index &+= 1
            if stage == .trailers {
                if try takeTrailer(byte) { return .finished(end: index) }
            } else {
                try takeFraming(byte)
            }
        }
        if stage == .finished { return .finished(end: 0) }
        return .needsMore
    }

    private mutating func takeFraming(_ byte: UInt8) throws(HTTPParseError) {
        switch stage {
        case .sizeStart, .size:
            if let value = ASCII.hexadecimalValue(byte) {
                // 15 digits stay below the top of a signed word.
                guard digits < 15 else { throw HTTPParseError(.badRequest, "chunk size out of range") }
                remaining = remaining &<< 4 | Int(value)
                digits &+= 1
                stage = .size
            } else {
                guard stage == .size else { throw HTTPParseError(.badRequest, "invalid chunk size") }
                try takeAfterSize(byte)
            }
        case .beforeExtension, .extension: try takeAfterSize(byte)
        case .sizeLineFeed:
            guard byte == ASCII.lf else { throw HTTPParseError(.badRequest, "invalid end of a chunk size") }
            digits = 0
            stage = remaining == 0 ? .trailers : .data
        case .dataReturn:
            guard byte == ASCII.cr else { throw HTTPParseError(.badRequest, "chunk longer than its size") }
            stage = .dataLineFeed
        case .dataLineFeed:
            guard byte == ASCII.lf else { throw HTTPParseError(.badRequest, "invalid end of a chunk") }
            stage = .sizeStart
        case .data, .trailers, .finished: break
        }
    }

    /// Extensions are read over, but counted: a body of one-byte chunks with long extensions costs its receiver much
    /// and its sender little. Blanks after the size must lead to an extension.
    private mutating func takeAfterSize(_ byte: UInt8) throws(HTTPParseError) {
        if byte == ASCII.cr, stage != .beforeExtension {
            stage = .sizeLineFeed
            return
        }
        extensionBytes &+= 1
        guard extensionBytes <= limits.chunkExtensionBytes else {
            throw HTTPParseError(.badRequest, "chunk extensions too long")
        }
        let isBlank = byte == ASCII.space || byte == ASCII.tab
        if stage == .extension {
            guard isBlank || byte > 0x20 && byte != 0x7f else {
                throw HTTPParseError(.badRequest, "invalid chunk extension")
            }
        } else if byte == UInt8(ascii: ";") {
            stage = .extension
        } else if isBlank {
            stage = .beforeExtension
        } else {
            throw HTTPParseError(.badRequest, "invalid chunk size")
        }
    }

    /// True after the empty line that ends the body.
    private mutating func takeTrailer(_ byte: UInt8) throws(HTTPParseError) -> Bool {
        trailerBytes &+= 1
        guard trailerBytes <= limits.trailerBytes else {
            throw HTTPParseError(.headerFieldsTooLarge, "trailers too large")
        }
        trailerLine.append(byte)
        guard byte == ASCII.lf else { return false }
        let line = trailerLine
        guard line.count >= 2, line[line.count - 2] == ASCII.cr else {
            throw HTTPParseError(.badRequest, "line feed without a carriage return")
        }
        if line.count == 2 {
            stage = .finished
            return true
        }
        trailerLine.removeAll(keepingCapacity: true)
        try addTrailer(line)
        return false
    }

    private mutating func addTrailer(_ line: [UInt8]) throws(HTTPParseError) {
        guard trailers.count < limits.fields else {
            throw HTTPParseError(.headerFieldsTooLarge, "too many trailers")
        }
        let block = HeadBlock(byteCapacity: line.count, fieldCapacity: 1)
        let outcome: Result<Void, HTTPParseError> = line.withUnsafeBytes { line in
            do throws(HTTPParseError) {
                try trailerFraming.readField(line, 0, line.count - 2, base: 0, into: block, limits: limits)
                block.store(line)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
        guard block.known.isEmpty, trailerFraming.hostCount == 0 else {
            throw HTTPParseError(.badRequest, "framing field in the trailers")
        }
        trailers.add(String(bytes: block.name(0)), String(bytes: block.value(0)))
    }
}
