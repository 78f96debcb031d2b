import Glibc
import MartletCore
import MartletRuntime
import TLSTestSupport
import Testing

@testable import MartletTLS

@Suite("Certificates that change", .timeLimit(.minutes(1)))
struct ReloadTests {
    /// A server whose files are there to be changed, and what it reported.
    final class Renewed: Sendable {
        let folder: TestFolder
        let context: TLSServerContext
        let reports = Locked<[TLSReload]>([])

        init(_ world: World) throws {
            let folder = try TestFolder()
            let chain = try folder.write(world.issued.chain, to: "tls.crt")
            let key = try folder.write(world.issued.key, to: "tls.key")
            self.folder = folder
            let reports = reports
            context = try TLSServerContext(
                TLSServerConfiguration(identities: [.files(chain: chain, key: key)])
            ) { report in reports.withLock { $0.append(report) } }
        }

        func write(_ issued: TestAuthority.Issued) throws {
            try folder.write(issued.chain, to: "tls.crt")
            try folder.write(issued.key, to: "tls.key")
        }
    }

    @Test("new connections get the new certificate, and old ones live on")
    func reload() throws {
        let world = try World()
        let renewed = try Renewed(world)
        let client = try world.client()
        let old = try SessionPair(client, renewed.context)
        old.talk()
        #expect(renewed.context.reload() == .unchanged)
        try renewed.write(try world.authority.issue("renewed"))
        #expect(renewed.context.reload() == .reloaded)
        #expect(renewed.context.reload() == .unchanged)
        let new = try SessionPair(client, renewed.context)
        new.talk()
        #expect(new.client.agreement?.peerCertificate?.subject == "CN=renewed,O=Martlet Tests")
        try old.send([1], fromClient: true)
        old.talk()
        #expect(old.atServer == [1])
        #expect(renewed.reports.withLock { $0 } == [.reloaded])
        #expect(renewed.context.loads == 2)
    }

    @Test("a broken file changes nothing, is reported once, and repaired it counts")
    func broken() throws {
        let world = try World()
        let renewed = try Renewed(world)
        try renewed.folder.write(Array("not a certificate".utf8), to: "tls.crt")
        guard case .failed(let reason) = renewed.context.reload() else { return #expect(Bool(false)) }
        #expect(reason.hasSuffix("tls.crt: there is no certificate in PEM form in it"))
        #expect(renewed.context.reload() == .unchanged)
        #expect(renewed.context.reloadFailure == reason)
        let pair = try SessionPair(try world.client(), renewed.context)
        pair.talk()
        #expect(pair.client.isEstablished)
        try renewed.write(try world.authority.issue("repaired"))
        #expect(renewed.context.reload() == .reloaded)
        #expect(renewed.context.reloadFailure == nil)
        #expect(renewed.context.certificates.map(\.subject) == ["CN=repaired,O=Martlet Tests"])
        #expect(renewed.reports.withLock { $0 } == [.failed(reason), .reloaded])
    }

    @Test("between the new certificate and its key the old pair stays")
    func halfWritten() throws {
        let world = try World()
        let renewed = try Renewed(world)
        let next = try world.authority.issue("next")
        try renewed.folder.write(next.chain, to: "tls.crt")
        guard case .failed(let reason) = renewed.context.reload() else { return #expect(Bool(false)) }
        #expect(reason.contains("tls.key: the private key is not that of the certificate in"))
        #expect(renewed.context.certificates.map(\.subject) == ["CN=server,O=Martlet Tests"])
        try renewed.folder.write(next.key, to: "tls.key")
        #expect(renewed.context.reload() == .reloaded)
        #expect(renewed.context.certificates.map(\.subject) == ["CN=next,O=Martlet Tests"])
    }

    @Test("a link that is turned is a change, as in a mounted secret")
    func link() throws {
        let world = try World()
        let folder = try TestFolder()
        func place(_ issued: TestAuthority.Issued, _ name: String) throws {
            try folder.write(issued.chain + issued.key, to: name)
            symlink(name, folder.path + "/.link")
            rename(folder.path + "/.link", folder.path + "/tls.pem")
        }
        try place(world.issued, "first")
        let path = folder.path + "/tls.pem"
        let context = try TLSServerContext(
            TLSServerConfiguration(identities: [.files(chain: path, key: path)]))
        try place(try world.authority.issue("second"), "second")
        #expect(context.reload() == .reloaded)
        #expect(context.certificates.map(\.subject) == ["CN=second,O=Martlet Tests"])
    }

    @Test("they are looked at by themselves, until the shutdown")
    func watch() async throws {
        let world = try World()
        let renewed = try Renewed(world)
        let shutdown = ShutdownSignal()
        let context = renewed.context
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await ShutdownSignal.$current.withValue(shutdown) {
                    await context.keepCurrent(every: .milliseconds(5))
                }
            }
            try renewed.write(try world.authority.issue("renewed"))
            while context.certificates.map(\.subject) != ["CN=renewed,O=Martlet Tests"] {
                try await Task.sleep(for: .milliseconds(1))
            }
            shutdown.trigger()
            try await group.waitForAll()
        }
    }

    @Test(
        "what cannot be used is refused at the start, with the file and the reason",
        arguments: [
            ("missing", "No such file or directory"), ("empty", "there is no certificate in PEM form in it"),
            ("damaged", "a certificate in it cannot be read"), ("folder", "Is a directory"),
        ])
    func refused(name: String, reason: String) throws {
        let world = try World()
        let folder = try TestFolder()
        try folder.write([], to: "empty")
        let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        try folder.write(Array(text.utf8), to: "damaged")
        let key = try folder.write(world.issued.key, to: "key")
        let path = name == "folder" ? folder.path : "\(folder.path)/\(name)"
        do throws(ServiceError) {
            _ = try TLSServerContext(
                TLSServerConfiguration(identities: [.files(chain: path, key: key)]))
            #expect(Bool(false), "it is taken")
        } catch {
            #expect(error.code == .failedPrecondition)
            #expect(error.message.hasPrefix("\(path): \(reason)"), "\(error.message)")
        }
    }

    @Test("a key with a password is refused, and nobody is asked for it")
    func password() throws {
        let world = try World()
        let key = """
            -----BEGIN EC PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,00000000000000000000000000000000

            AAAAAAAAAAAAAAAAAAAAAA==
            -----END EC PRIVATE KEY-----

            """
        do throws(ServiceError) {
            _ = try TLSServerContext(
                TLSServerConfiguration(identities: [.pem(chain: world.issued.chain, key: Array(key.utf8))]))
            #expect(Bool(false), "it is taken")
        } catch {
            #expect(error.message.contains("or it has a password"))
        }
    }

    @Test("a client's authorities and its own certificate may change too")
    func client() throws {
        let (world, other) = (try World(), try World())
        let folder = try TestFolder()
        let path = try folder.write(world.authority.pem, to: "ca.pem")
        let client = try TLSClientContext(TLSClientConfiguration(authorities: .file(path)))
        let before = try SessionPair(client, try world.server())
        before.talk()
        #expect(before.client.isEstablished)
        try folder.write(other.authority.pem, to: "ca.pem")
        #expect(client.reload() == .reloaded)
        let after = try SessionPair(client, try world.server())
        after.talk()
        #expect(after.clientFailure != nil)
    }
}
