// The C libraries' modules carry copies of the socket headers; which of them owns a field is not fixed from build to build.
internal import CAres
internal import CPosix
internal import CUV
internal import Glibc
public import MartletCore

/// Where a socket listens or connects to.
public enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// Four bytes in network order, as one number: 127.0.0.1 is 0x7f000001.
    case ipv4(UInt32, port: UInt16)
    case ipv6(high: UInt64, low: UInt64, port: UInt16, scope: UInt32)
    case unix(path: String)

    /// - Parameter host: an IPv4 or IPv6 address in figures; names are for ``Resolver``.
    /// - Throws: `invalidArgument` when it is not one.
    public init(host: String, port: UInt16) throws(ServiceError) {
        // C would read on only to the first NUL.
        guard !host.utf8.contains(0) else { throw ServiceError(.invalidArgument, "an IP address holds no NUL") }
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            self = .ipv4(UInt32(bigEndian: four.s_addr), port: port)
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, host, &six) == 1 else {
            throw ServiceError(.invalidArgument, "'\(host)' is not an IP address")
        }
        let (high, low) = withUnsafeBytes(of: &six) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        self = .ipv6(high: high, low: low, port: port, scope: 0)
    }

    /// - Throws: `invalidArgument` when the path does not fit into a socket address (107 bytes) or is empty.
    public init(unixPath path: String) throws(ServiceError) {
        guard !path.isEmpty, path.utf8.count < MemoryLayout<sockaddr_un>.size - 2, !path.utf8.contains(0) else {
            throw ServiceError(.invalidArgument, "'\(path)' is not usable as the path of a socket (1 to 107 bytes)")
        }
        self = .unix(path: path)
    }

    public static func loopback(port: UInt16) -> SocketAddress { .ipv4(0x7f00_0001, port: port) }

    /// Nil for a UNIX socket.
    public var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, let port, _): port
        case .unix: nil
        }
    }

    /// `127.0.0.1:8080`, `[::1]:8080`, or the path.
    public var description: String {
        switch self {
        case .ipv4(_, let port): "\(host):\(port)"
        case .ipv6(_, _, let port, _): "[\(host)]:\(port)"
        case .unix(let path): path
        }
    }

    /// The address without the port, in figures; the path of a UNIX socket.
    public var host: String {
        switch self {
        case .ipv4(let address, _):
            return "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
        case .ipv6(let high, let low, _, _):
            var bytes = (high.bigEndian, low.bigEndian)
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else { return "::" }
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        case .unix(let path): return path
        }
    }

    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        func pass<Form>(_ form: Form, _ size: Int) -> Result {
            withUnsafePointer(to: form) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
            }
        }
        switch self {
        case .ipv4(let address, let port):
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_port = port.bigEndian
            form.sin_addr.s_addr = address.bigEndian
            return pass(form, MemoryLayout<sockaddr_in>.size)
        case .ipv6(let high, let low, let port, let scope):
            var form = sockaddr_in6()
            form.sin6_family = sa_family_t(AF_INET6)
            form.sin6_port = port.bigEndian
            form.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &form.sin6_addr) { bytes in
                bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
                bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            return pass(form, MemoryLayout<sockaddr_in6>.size)
        case .unix(let path):
            var form = sockaddr_un()
            form.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &form.sun_path) { bytes in
                bytes.copyBytes(from: path.utf8.prefix(bytes.count - 1))
            }
            return pass(form, MemoryLayout<sockaddr_un>.size)
        }
    }

    init?(_ address: UnsafePointer<sockaddr>) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let form = raw.loadUnaligned(as: sockaddr_in.self)
            self = .ipv4(UInt32(bigEndian: form.sin_addr.s_addr), port: UInt16(bigEndian: form.sin_port))
        case AF_INET6:
            let form = raw.loadUnaligned(as: sockaddr_in6.self)
            let (high, low) = withUnsafeBytes(of: form.sin6_addr) { bytes in
                (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            self = .ipv6(
                high: high, low: low, port: UInt16(bigEndian: form.sin6_port), scope: form.sin6_scope_id)
        case AF_UNIX:
            let form = raw.loadUnaligned(as: sockaddr_un.self)
            let path = withUnsafeBytes(of: form.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            self = .unix(path: path)
        default:
            return nil
        }
    }

    /// Asks the kernel: `getsockname` or `getpeername`.
    static func of(
        _ descriptor: Int32,
        _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                ask(descriptor, address, &length) == 0 ? SocketAddress(address) : nil
            }
        }
    }
}
