import MartletCore
import Testing

@testable import MartletGRPC

@Suite("Framing")
struct FramingTests {
    private func frames(_ pieces: [[UInt8]], limit: Int = 100) throws -> [[UInt8]] {
        var inbox = GRPCInbox(limit: limit)
        var found: [[UInt8]] = []
        for piece in pieces {
            inbox.append(piece)
            while let frame = try inbox.next() { found.append(Array(inbox.bytes[frame.range])) }
        }
        return found
    }

    private let two: [UInt8] = [0, 0, 0, 0, 2, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9]

    @Test("messages are the same however their bytes are cut")
    func cut() throws {
        for length in 1...two.count {
            let pieces = stride(from: 0, to: two.count, by: length).map { Array(two[$0..<min($0 + length, two.count)]) }
            #expect(try frames(pieces) == [[7, 8], [], [9]])
        }
    }

    @Test("a length past the limit is refused before its bytes are there")
    func tooLong() {
        #expect(throws: ServiceError.self) { try frames([[0, 0, 0, 0, 101]]) }
        #expect(throws: Never.self) { try frames([[0, 0, 0, 0, 100]]) }
        #expect(throws: ServiceError.self) { try frames([[0, 255, 255, 255, 255]]) }
    }

    @Test("a flag that is neither 0 nor 1 is refused")
    func flag() {
        #expect(throws: ServiceError.self) { try frames([[2, 0, 0, 0, 0]]) }
    }

    @Test("half a message is none")
    func half() throws {
        #expect(try frames([[0, 0, 0, 0, 2, 7]]).isEmpty)
    }
}

@Suite("Compression")
struct CompressionTests {
    @Test("what was compressed comes back", arguments: [0, 1, 1000, 300_000])
    func roundTrip(size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let packed = try bytes.withUnsafeBytes { try Gzip.compress($0) }
        #expect(try packed.withUnsafeBytes { try Gzip.decompress($0, limit: size) } == bytes)
    }

    @Test("a bomb is not unpacked past the limit")
    func bomb() throws {
        let packed = try [UInt8](repeating: 0, count: 10 << 20).withUnsafeBytes { try Gzip.compress($0) }
        #expect(throws: ServiceError.self) { try packed.withUnsafeBytes { try Gzip.decompress($0, limit: 1 << 20) } }
    }

    @Test("what is cut off, changed or followed by something is refused")
    func damaged() throws {
        let packed = try Array("hello hello hello".utf8).withUnsafeBytes { try Gzip.compress($0) }
        for bad in [Array(packed.dropLast()), packed + [0], Array("hello".utf8), []] {
            #expect(throws: ServiceError.self) { try bad.withUnsafeBytes { try Gzip.decompress($0, limit: 100) } }
        }
    }
}

@Suite("Status")
struct StatusTests {
    @Test("codes are the same both ways")
    func codes() {
        for code in ServiceError.Code.allCases { #expect(ServiceError.Code(grpcCode: code.grpcCode) == code) }
        #expect(ServiceError.Code(grpcCode: 0) == nil)
        #expect(ServiceError.Code(grpcCode: 99) == .unknown)
    }

    @Test("a message comes back from its escaped form", arguments: ["", "plain", "100%", "\t\ntest ☺ \r", "%4", "%zz"])
    func messages(text: String) {
        let escaped = GRPCStatus.escape(text)
        #expect(escaped.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(Array(escaped.utf8).withUnsafeBytes { GRPCStatus.unescape($0) } == text)
    }

    @Test("an error keeps its details and its delay through a status")
    func details() {
        let error = ServiceError(
            .unavailable, "later", retryAfter: .seconds(3),
            details: [ServiceError.Detail(packing: HealthCheckRequest(service: "x"))])
        #expect(GRPCStatus(error).error == error)
        #expect(GRPCStatus(error).error?.detail(as: HealthCheckRequest.self)?.service == "x")
    }
}
