/// What stands between the bytes that a connection's user sees and those on the wire: TLS. It does no I/O; the connection
/// hands it what came in, and sends what it makes.
///
/// Runtime knows no cryptography, and a program that uses it alone carries no library for that: `TLS` has the one that is
/// used. Confined to the connection's loop.
package protocol ConnectionProtection: AnyObject {
    /// The handshake is over, and bytes of the user's may be sent.
    var isEstablished: Bool { get }
    /// The peer has said that it sends no more: what came before is all there is.
    var hasPeerEnded: Bool { get }

    /// Takes in all of `wire`; an incomplete record is kept inside.
    /// - Parameters:
    ///   - plain: what was received for the user is appended.
    ///   - answer: what the protocol itself has to say to it is appended, also when this throws: an alert.
    func open(
        _ wire: UnsafeRawBufferPointer, into plain: inout ByteBuffer, answer: inout ByteBuffer
    ) throws(ConnectionError)

    /// Appends `plain` to `wire`, in as few records as there can be.
    func seal(_ plain: UnsafeRawBufferPointer, into wire: inout ByteBuffer) throws(ConnectionError)

    /// Says to the peer that this was the last byte. The other direction stays open.
    func sealEnd(into wire: inout ByteBuffer)
}
