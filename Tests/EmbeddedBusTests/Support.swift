import FoundationEssentials
import Glibc
import MartletCore
import MartletEmbeddedBus
import MartletMessaging
import MartletSQLite

/// A folder of a test's own, gone with it.
final class Scratch: Sendable {
    let folder: String

    init() throws {
        var template = Array("/tmp/martlet-bus-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ServiceError(.internal, "mkdtemp failed") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var store: String { folder + "/bus.db" }
    var socket: String { folder + "/bus.sock" }

    func open(_ configuration: BusConfiguration = BusConfiguration()) async throws -> EmbeddedBus {
        try await EmbeddedBus.open(.file(path: store), configuration: configuration)
    }
}
