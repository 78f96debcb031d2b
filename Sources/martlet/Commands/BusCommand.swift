internal import MartletKit
internal import MartletSystem

/// `martlet bus`: the bus alone, for services that run as processes of their own.
enum BusCommand {
    private static let service = SystemService.named("bus")

    static let command = Command(
        name: "bus", summary: "hosts the event bus alone, for services that run as processes of their own",
        work: .settings(StandardKeys.everyService + (service?.app.keys ?? [])) { arguments in
            guard let app = service?.app else { return ServiceProcess.ExitCode.failure }
            return await ServiceProcess.run(app, input: .process(arguments: arguments), program: "martlet bus")
        })
}
