internal import MartletCore
package import MartletMessaging

/// A message as bytes: the same on disk and on the socket, so that the owner of the store copies it and never looks
/// inside. The first byte is the form's version.
package enum MessageCoding {
    static let version: UInt8 = 1

    package static func encode(_ message: BusMessage) -> [UInt8] {
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(message.body.count + 192)
        writer.write(version)
        writer.write(short: message.id)
        writer.write(short: message.routingKey)
        writer.write(short: message.contentType)
        let fields = message.headers.fields
        writer.write(UInt8(truncatingIfNeeded: fields.count))
        for field in fields.prefix(255) {
            writer.write(short: field.name)
            writer.write(long: field.value)
        }
        writer.write(rest: message.body)
        return writer.bytes
    }

    package static func decode(_ bytes: [UInt8]) throws(BusProtocolError) -> BusMessage {
        try bytes.withUnsafeBufferPointer { bytes throws(BusProtocolError) in
            var reader = ByteReader(UnsafeRawBufferPointer(bytes))
            try readVersion(&reader)
            let id = try reader.readShort()
            let key = try reader.readShort()
            let contentType = try reader.readShort()
            var fields: [MessageHeaders.Field] = []
            let count: UInt8 = try reader.read()
            for _ in 0..<count {
                fields.append(MessageHeaders.Field(try reader.readShort(), try reader.readLong()))
            }
            return BusMessage(
                id: id, routingKey: key, contentType: contentType, headers: MessageHeaders(fields),
                body: reader.readRest(), context: nil)
        }
    }

    /// What the bus has to know of a message that came by the socket: checked as if it had been made here.
    static func routing(of bytes: [UInt8]) throws -> (id: String, key: String) {
        let message = try decode(bytes)
        try message.check()
        return (message.id, message.routingKey)
    }

    private static func readVersion(_ reader: inout ByteReader) throws(BusProtocolError) {
        guard try reader.read() as UInt8 == version else { throw .malformed("a message of an unknown form") }
    }
}

/// A publish's identity, as the window of repeats keeps it: FNV-1a of 128 bits over exchange and message id.
struct PublishID: Hashable, Sendable {
    let value: UInt128

    init(_ value: UInt128) { self.value = value }

    init(exchange: String, id: String) {
        var hash: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D
        let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013B
        for byte in id.utf8 { hash = (hash ^ UInt128(byte)) &* prime }
        hash = hash &* prime
        for byte in exchange.utf8 { hash = (hash ^ UInt128(byte)) &* prime }
        value = hash
    }
}
