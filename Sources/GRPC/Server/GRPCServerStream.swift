internal import MartletCore
public import MartletWire

/// The messages of a streaming call as they arrive. The client's window opens as they are read.
@usableFromInline
final class GRPCServerSource<Request: Message>: MessageSource<Request>, @unchecked Sendable {
    // @unchecked: goes to the call's loop for everything.
    @usableFromInline let call: GRPCServerCall

    @usableFromInline
    init(_ call: GRPCServerCall) { self.call = call }

    @inlinable
    override func next() async throws -> Request? {
        if call.isOnLoop { return try await read() }
        return try await call.onLoop { try await self.read() }
    }

    @inlinable
    func read() async throws -> Request? {
        guard let frame = try await call.nextFrame() else { return nil }
        return try call.decode(Request.self, frame)
    }
}

/// The answers of a streaming call. Suspends while the client takes them slower than they are made.
@usableFromInline
final class GRPCServerSink<Response: Message>: MessageSink<Response>, @unchecked Sendable {
    // @unchecked: goes to the call's loop for everything.
    @usableFromInline let call: GRPCServerCall
    /// There is one answer, which goes out with the status.
    @usableFromInline let isSingle: Bool

    @usableFromInline
    init(_ call: GRPCServerCall, isSingle: Bool) {
        self.call = call
        self.isSingle = isSingle
    }

    @inlinable
    override func send(_ message: Response) async throws {
        if call.isOnLoop { return try await write(message) }
        try await call.onLoop { try await self.write(message) }
    }

    @inlinable
    func write(_ message: Response) async throws {
        let frame = GRPCFraming.frame(message)
        if isSingle { call.answer(frame: frame) } else { try await call.send(frame: frame) }
    }
}
