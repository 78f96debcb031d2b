@testable import MartletHTTP

/// RFC 7541.
extension SpecCase {
    static let hpack: [SpecCase] = [
        malformed("hpack/2.3.3/1", "an indexed field with an invalid index", [0xff, 0x00 | 0x46]),
        malformed(
            "hpack/2.3.3/2", "a literal with an invalid index", [0x7f, 0x46] + FrameClient.string("empty")),
        malformed("hpack/4.2/1", "a change of the table's size at the end of a block", [0x20]),
        malformed(
            "hpack/5.2/1", "Huffman padding longer than seven bits",
            [0x00] + FrameClient.string("x-test") + [0x83, 0b1001_1100, 0b0101_1111, 0xff]),
        malformed(
            "hpack/5.2/2", "Huffman padding of zeros",
            [0x00] + FrameClient.string("x-test") + [0x81, 0b1001_1100]),
        malformed(
            "hpack/5.2/3", "a Huffman string with EOS in it",
            [0x00] + FrameClient.string("x-test") + [0x86, 0x9c, 0x5f, 0xff, 0xff, 0xff, 0xff]),
        malformed("hpack/6.1/1", "an indexed field with index 0", [0x80]),
        SpecCase(
            "hpack/6.3/1", "a table's size beyond SETTINGS_HEADER_TABLE_SIZE", .connectionError(Code.compression)
        ) { client in
            var frame = FrameClient.headers(1)
            frame.payload = FrameClient.integer(4097, prefix: 5, first: 0x20) + frame.payload
            try client.send(frame)
        },
    ]

    private static func malformed(_ name: String, _ title: String, _ bytes: [UInt8]) -> SpecCase {
        SpecCase(name, title, .connectionError(Code.compression)) { client in
            var frame = FrameClient.headers(1)
            frame.payload += bytes
            try client.send(frame)
        }
    }
}
