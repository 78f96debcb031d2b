internal import COpenSSL
internal import Glibc
internal import MartletCore

/// The keys of session tickets (RFC 5077 §4): whoever has them can read what was sent to clients that came back, so they
/// never leave the memory, and not even there do they last. Two of them: one for new tickets, and the one before.
///
/// OpenSSL's own key lasts as long as its context, which may be months.
final class TicketKeys: Sendable {
    private struct Key {
        var name: [UInt8]
        var aes: [UInt8]
        var hmac: [UInt8]
        var since: MonotonicTime

        init?(at now: MonotonicTime) {
            guard let name = Self.random(16), let aes = Self.random(32), let hmac = Self.random(32) else { return nil }
            self.name = name
            self.aes = aes
            self.hmac = hmac
            since = now
        }

        private static func random(_ count: Int) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: count)
            return RAND_bytes(&bytes, Int32(count)) == 1 ? bytes : nil
        }
    }

    private struct Keys {
        var current: Key?
        var previous: Key?

        mutating func renew(every lifetime: Duration, at now: MonotonicTime) {
            guard let key = current else {
                current = Key(at: now)
                return
            }
            let age = now.since(key.since)
            guard age >= lifetime else { return }
            previous = age < lifetime * 2 ? key : nil
            current = Key(at: now)
        }
    }

    private let keys = Locked(Keys())
    private let lifetime: Duration
    private let clock: @Sendable () -> MonotonicTime

    init(lifetime: Duration = .seconds(12 * 3600), clock: @escaping @Sendable () -> MonotonicTime = { .now }) {
        self.lifetime = lifetime
        self.clock = clock
    }

    /// Sets the two contexts up for a new ticket, under the name and vector that it writes.
    fileprivate func encipher(
        _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer,
        _ mac: OpaquePointer
    ) -> Bool {
        keys.withLock { keys in
            keys.renew(every: lifetime, at: clock())
            guard let key = keys.current, RAND_bytes(vector, 16) == 1 else { return false }
            name.update(from: key.name, count: 16)
            return martlet_ticket_start(cipher, mac, key.aes, key.hmac, vector, 1) == 1
        }
    }

    /// Nil: nobody has the key any more. Else whether the client should be given a newer ticket.
    fileprivate func decipher(
        _ name: UnsafePointer<UInt8>, _ vector: UnsafePointer<UInt8>, _ cipher: OpaquePointer, _ mac: OpaquePointer
    ) -> Bool? {
        keys.withLock { keys in
            keys.renew(every: lifetime, at: clock())
            let known = [keys.current, keys.previous].compactMap { $0 }
            guard let key = known.first(where: { memcmp($0.name, name, 16) == 0 }),
                martlet_ticket_start(cipher, mac, key.aes, key.hmac, vector, 0) == 1
            else { return nil }
            return key.name != keys.current?.name
        }
    }

    /// The contexts that use these keys must not outlive them.
    func attach(to context: SSLContext) {
        SSL_CTX_set_ex_data(context.pointer, 0, Unmanaged.passUnretained(self).toOpaque())
        martlet_ssl_ctx_set_tickets(context.pointer, Self.onTicket)
    }

    private static let onTicket:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, OpaquePointer?, OpaquePointer?,
            Int32
        ) -> Int32 = { ssl, name, vector, cipher, mac, isNew in
            guard let ssl, let name, let vector, let cipher, let mac,
                let data = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0)
            else { return -1 }
            let keys = Unmanaged<TicketKeys>.fromOpaque(data).takeUnretainedValue()
            if isNew == 1 { return keys.encipher(name, vector, cipher, mac) ? 1 : -1 }
            guard let isOld = keys.decipher(name, vector, cipher, mac) else { return 0 }
            // In TLS 1.3 a ticket is for one use (RFC 8446 §C.4), so another is given each time.
            return isOld || SSL_version(ssl) >= TLS1_3_VERSION ? 2 : 1
        }
}
