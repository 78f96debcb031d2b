import Glibc
import MartletCore
import MartletHTTP
import MartletRuntime
import TestSupport
import Testing

/// Debian's nginx in a temporary folder, on a free port and a UNIX socket.
final class Nginx {
    let port: UInt16
    private let folder: String
    private var process: ChildProcess?

    struct Failure: Error, CustomStringConvertible { var description: String }

    static var isInstalled: Bool { access("/usr/sbin/nginx", X_OK) == 0 }

    /// - Parameters:
    ///   - settings: goes into the server's block.
    ///   - http2: without TLS nginx 1.22 speaks either this or HTTP/1.1 on a port.
    init(_ settings: String = "", http2: Bool = false) throws {
        var template = Array("/tmp/martlet-nginx-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "mkdtemp: \(errno)") }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        port = try freePort()
        mkdir(folder + "/files", 0o755)
        try write(configuration(settings, http2 ? " http2" : ""), to: "nginx.conf")
        try write(String(repeating: "0123456789abcdef", count: 16), to: "files/small")
        try write("<!--# set var=\"a\" value=\"1\" -->\(String(repeating: "chunk ", count: 40_000))", to: "files/ssi")
        try start()
    }

    deinit {
        stop()
        for name in ["files/small", "files/ssi", "files/put", "nginx.conf", "error.log", "pid", "http.sock"] {
            unlink("\(folder)/\(name)")
        }
        for name in ["files", "body", "proxy", "fastcgi", "uwsgi", "scgi", ""] { rmdir("\(folder)/\(name)") }
    }

    var base: HTTPBaseURL { get throws { try HTTPBaseURL(host: "127.0.0.1", port: Int(port)) } }

    var unixBase: HTTPBaseURL { get throws { try HTTPBaseURL(SocketAddress(unixPath: folder + "/http.sock")) } }

    func start() throws {
        process = try ChildProcess(
            "/usr/sbin/nginx", ["-p", folder, "-e", "\(folder)/error.log", "-c", "\(folder)/nginx.conf"],
            streams: .shared)
        try waitUntilItListens()
    }

    func stop() {
        guard let process else { return }
        process.signal(SIGTERM)
        // If it does not listen, it is killed: what matters here is that it is gone.
        _ = try? process.wait(within: .seconds(5))
        self.process = nil
        for name in ["http.sock", "pid"] { unlink("\(folder)/\(name)") }
    }

    private func configuration(_ settings: String, _ version: String) -> String {
        """
        daemon off;
        master_process off;
        pid \(folder)/pid;
        events { worker_connections 256; }
        http {
            access_log off;
            client_body_temp_path \(folder)/body;
            proxy_temp_path \(folder)/proxy;
            fastcgi_temp_path \(folder)/fastcgi;
            uwsgi_temp_path \(folder)/uwsgi;
            scgi_temp_path \(folder)/scgi;
            default_type text/plain;
            server {
                listen 127.0.0.1:\(port)\(version);
                listen unix:\(folder)/http.sock;
                root \(folder);
                client_max_body_size 64m;
                \(settings)
                location = /count { return 200 "$connection $connection_requests"; }
                location = /nothing { return 204; }
                location = /moved { return 302 /count; }
                location = /fields { return 200 "$http_host|$http_user_agent|$http_accept_encoding"; }
                location /files/ { dav_methods PUT DELETE; }
                location = /files/ssi { ssi on; ssi_types text/plain; }
            }
        }
        """
    }

    private func write(_ text: String, to name: String) throws {
        let descriptor = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw Failure(description: "\(name): \(errno)") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure(description: "\(name): \(errno)")
        }
    }

    /// nginx writes the file with its process id when all its sockets listen.
    private func waitUntilItListens() throws {
        for _ in 0..<5000 {
            if access(folder + "/pid", F_OK) == 0 { return }
            usleep(1000)
        }
        throw Failure(description: "nginx does not listen")
    }
}

/// A socket bound to a free port of 127.0.0.1.
func boundSocket() throws -> (socket: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var form = sockaddr_in()
    form.sin_family = sa_family_t(AF_INET)
    form.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &form) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
        }
    }
    guard bound else { throw Nginx.Failure(description: "bind: \(errno)") }
    return (descriptor, UInt16(bigEndian: form.sin_port))
}

func connectToLoopback(_ descriptor: Int32, _ port: UInt16) -> Int32 {
    var form = sockaddr_in()
    form.sin_family = sa_family_t(AF_INET)
    form.sin_port = port.bigEndian
    form.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &form) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
