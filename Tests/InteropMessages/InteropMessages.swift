package import MartletWire

// The messages of grpc.testing, as Tests/GRPCPeer/test.proto has them.

package struct Payload: Message, Hashable {
    package static let messageName = "grpc.testing.Payload"
    package var type: Int32 = 0
    package var body: [UInt8] = []

    package init() {}
    package init(zeros count: Int) { body = [UInt8](repeating: 0, count: count) }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "type", &type)
        visit.field(2, "body", &body)
    }
}

package struct EchoStatus: Message, Hashable {
    package static let messageName = "grpc.testing.EchoStatus"
    package var code: Int32 = 0
    package var message = ""

    package init() {}
    package init(_ code: Int32, _ message: String) {
        self.code = code
        self.message = message
    }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "code", &code)
        visit.field(2, "message", &message)
    }
}

package struct SimpleRequest: Message, Hashable {
    package static let messageName = "grpc.testing.SimpleRequest"
    package var responseSize: Int32 = 0
    package var payload: Payload?
    package var responseCompressed: BoolValue?
    package var responseStatus: EchoStatus?
    package var expectCompressed: BoolValue?

    package init() {}
    package init(responseSize: Int32, payload: Payload? = nil) {
        self.responseSize = responseSize
        self.payload = payload
    }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(2, "response_size", &responseSize)
        visit.field(3, "payload", &payload)
        visit.field(6, "response_compressed", &responseCompressed)
        visit.field(7, "response_status", &responseStatus)
        visit.field(8, "expect_compressed", &expectCompressed)
    }
}

package struct SimpleResponse: Message, Hashable {
    package static let messageName = "grpc.testing.SimpleResponse"
    package var payload: Payload?

    package init() {}

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "payload", &payload) }
}

package struct StreamingInputCallRequest: Message, Hashable {
    package static let messageName = "grpc.testing.StreamingInputCallRequest"
    package var payload: Payload?

    package init() {}
    package init(payload: Payload) { self.payload = payload }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "payload", &payload) }
}

package struct StreamingInputCallResponse: Message, Hashable {
    package static let messageName = "grpc.testing.StreamingInputCallResponse"
    package var aggregatedPayloadSize: Int32 = 0

    package init() {}

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "aggregated_payload_size", &aggregatedPayloadSize)
    }
}

package struct ResponseParameters: Message, Hashable {
    package static let messageName = "grpc.testing.ResponseParameters"
    package var size: Int32 = 0
    package var intervalMicroseconds: Int32 = 0
    package var compressed: BoolValue?

    package init() {}
    package init(size: Int32, intervalMicroseconds: Int32 = 0) {
        self.size = size
        self.intervalMicroseconds = intervalMicroseconds
    }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "size", &size)
        visit.field(2, "interval_us", &intervalMicroseconds)
        visit.field(3, "compressed", &compressed)
    }
}

package struct StreamingOutputCallRequest: Message, Hashable {
    package static let messageName = "grpc.testing.StreamingOutputCallRequest"
    package var responseParameters: [ResponseParameters] = []
    package var payload: Payload?
    package var responseStatus: EchoStatus?

    package init() {}
    package init(_ sizes: [Int32], payload: Payload? = nil) {
        responseParameters = sizes.map { ResponseParameters(size: $0) }
        self.payload = payload
    }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(2, "response_parameters", &responseParameters)
        visit.field(3, "payload", &payload)
        visit.field(7, "response_status", &responseStatus)
    }
}

package struct StreamingOutputCallResponse: Message, Hashable {
    package static let messageName = "grpc.testing.StreamingOutputCallResponse"
    package var payload: Payload?

    package init() {}
    package init(zeros count: Int) { payload = Payload(zeros: count) }

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "payload", &payload) }
}
