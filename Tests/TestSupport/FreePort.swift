internal import Glibc

/// A port of 127.0.0.1 on which nobody listens.
///
/// Below those that the kernel gives out by itself (from 32768 on), so that no other test is given it before it is used.
public func freePort() throws -> UInt16 {
    for _ in 0..<1000 {
        let port = UInt16.random(in: 20_000..<32_000)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { break }
        defer { close(descriptor) }
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_port = port.bigEndian
        form.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &form) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return port }
    }
    throw NoFreePort()
}

struct NoFreePort: Error {}
