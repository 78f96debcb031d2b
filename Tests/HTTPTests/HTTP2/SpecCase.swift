import Testing

@testable import MartletHTTP

/// One case of h2spec 2.6 (https://github.com/summerwind/h2spec) under its number there, which begins with the section
/// of RFC 7540 or 7541; the generic ones have a numbering of their own.
struct SpecCase: Sendable, CustomTestStringConvertible {
    typealias Client = FrameClient
    typealias Kind = FrameClient.Kind
    typealias Flag = FrameClient.Flag
    typealias Setting = FrameClient.Setting

    enum Code {
        static let protocolError: UInt32 = 1
        static let flowControl: UInt32 = 3
        static let streamClosed: UInt32 = 5
        static let frameSize: UInt32 = 6
        static let refusedStream: UInt32 = 7
        static let compression: UInt32 = 9
    }

    enum Expectation: Sendable {
        /// The stream is answered to its end.
        case answer(UInt32)
        case head(UInt32)
        /// GOAWAY with one of these codes, or the connection's end.
        case connectionError([UInt32])
        /// RST_STREAM with one of these codes, or a connection error.
        case streamError([UInt32])
        case closed
        case pingAnswered
        case settingsAcknowledged
        /// DATA of this length.
        case data(Int)
        /// The case has looked itself.
        case looked

        static func connectionError(_ code: UInt32) -> Self { .connectionError([code]) }
        static func streamError(_ code: UInt32) -> Self { .streamError([code]) }
    }

    let name: String
    let title: String
    /// Of the client's first SETTINGS; nil: the case makes its own beginning.
    var settings: [(UInt16, UInt32)]? = []
    let expectation: Expectation
    /// What was sent last must be continued: no other frame may follow.
    var isInsideHeaderBlock = false
    let run: @Sendable (FrameClient) throws -> Void

    init(
        _ name: String, _ title: String, settings: [(UInt16, UInt32)]? = [], insideBlock: Bool = false,
        _ expectation: Expectation, _ run: @escaping @Sendable (FrameClient) throws -> Void
    ) {
        self.name = name
        self.title = title
        self.settings = settings
        self.expectation = expectation
        isInsideHeaderBlock = insideBlock
        self.run = run
    }

    var testDescription: String { "\(name) \(title)" }

    func check(_ client: FrameClient) throws {
        if let settings { try client.handshake(settings) }
        try run(client)
        if case .looked = expectation { return }
        if expectsError, !isInsideHeaderBlock { try? client.send(FrameClient.ping(0, Self.probe(0))) }
        var seen: [FrameClient.Frame] = []
        while let frame = try client.readFrame() {
            seen.append(frame)
            if try isDecided(by: frame, seen, client) { return }
        }
        switch expectation {
        case .connectionError, .streamError, .closed, .looked: break
        default: Issue.record("the connection ended after \(seen)")
        }
    }

    private var expectsError: Bool {
        switch expectation {
        case .connectionError, .streamError: true
        default: false
        }
    }

    /// Whether this frame is what was expected. A wrong one is recorded.
    private func isDecided(
        by frame: FrameClient.Frame, _ seen: [FrameClient.Frame], _ client: FrameClient
    ) throws -> Bool {
        switch expectation {
        case .looked: return true
        case .answer(let stream):
            guard isUnexpectedEnd(frame) == false else { return true }
            return frame.stream == stream && frame.endsStream
        case .head(let stream):
            guard isUnexpectedEnd(frame) == false else { return true }
            return frame.stream == stream && frame.type == Kind.headers
        case .data(let length):
            guard isUnexpectedEnd(frame) == false else { return true }
            guard frame.type == Kind.data else { return false }
            #expect(frame.payload.count == length)
            return true
        case .pingAnswered:
            guard isUnexpectedEnd(frame) == false else { return true }
            guard frame.type == Kind.ping, frame.flags & Flag.acknowledgement != 0 else { return false }
            #expect(frame.payload == Array("h2spec\0\0".utf8))
            return true
        case .settingsAcknowledged:
            guard isUnexpectedEnd(frame) == false else { return true }
            return frame.type == Kind.settings && frame.flags & Flag.acknowledgement != 0
        case .closed: return false
        case .connectionError(let codes):
            guard frame.type == Kind.goAway, let code = frame.errorCode else {
                return try isStillFine(frame, seen, client)
            }
            #expect(codes.contains(code), "\(frame)")
            return true
        case .streamError(let codes):
            guard frame.type == Kind.goAway || frame.type == Kind.resetStream, let code = frame.errorCode else {
                return try isStillFine(frame, seen, client)
            }
            #expect(codes.contains(code), "\(frame)")
            return true
        }
    }

    /// Where an error is expected, pings that were sent behind the mistake and came back say that it was overlooked. Two
    /// of them, one after the other: a server may answer a ping before it says what came before it.
    private func isStillFine(
        _ frame: FrameClient.Frame, _ seen: [FrameClient.Frame], _ client: FrameClient
    ) throws -> Bool {
        guard frame.type == Kind.ping, frame.flags & Flag.acknowledgement != 0 else { return false }
        if frame.payload == Self.probe(0) { try? client.send(FrameClient.ping(0, Self.probe(1))) }
        guard frame.payload == Self.probe(1) else { return false }
        Issue.record("no error: \(seen)")
        return true
    }

    private static func probe(_ number: UInt8) -> [UInt8] { Array("overloo".utf8) + [number] }

    private func isUnexpectedEnd(_ frame: FrameClient.Frame) -> Bool {
        guard frame.type == Kind.goAway || frame.type == Kind.resetStream else { return false }
        Issue.record("an error: \(frame)")
        return true
    }
}
