internal import MartletCore
internal import MartletKit
internal import MartletWire

/// `martlet status`.
enum StatusCommand {
    static let command = Command(
        name: "status", summary: "says what runs, where, and for how long", flags: [CommonFlags.json],
        work: .reading { try await run($0) })

    private static func run(_ invocation: Invocation) async throws -> Int32 {
        try invocation.workplace.requireSystem()
        let status = try await ControlClient(invocation.workplace).status()
        let terminal = invocation.terminal
        if invocation.has(CommonFlags.json) {
            try terminal.write(JSON.encode(status) + [0x0A])
        } else {
            try terminal.write(table(status).text(width: terminal.width))
        }
        return ServiceProcess.ExitCode.success
    }

    private static func table(_ status: SystemStatus) -> TextTable {
        var table = TextTable(["SERVICE", "STATE", "ADDRESS", "FOR"])
        for service in status.services {
            table.add([
                service.name, service.state, service.place,
                service.problem ?? Duration.seconds(service.seconds).formattedForPeople,
            ])
            for address in service.otherAddresses { table.add(["", "", address]) }
        }
        return table
    }
}

extension Duration {
    /// `3s`, `12m 5s`, `4h 3m`, `2d 7h`.
    var formattedForPeople: String {
        let seconds = components.seconds
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m \(seconds % 60)s"
        case ..<86_400: return "\(seconds / 3600)h \(seconds / 60 % 60)m"
        default: return "\(seconds / 86_400)d \(seconds / 3600 % 24)h"
        }
    }
}
