internal import Glibc
public import MartletCore
internal import MartletRuntime

/// The life of a process that runs services: configuration, start, signals, stop, exit code.
public enum ServiceProcess {
    /// What `exit` is given.
    public enum ExitCode {
        public static let success: Int32 = 0
        /// It could not start, or a service failed.
        public static let failure: Int32 = 1
        /// The command line or the environment is wrong.
        public static let usage: Int32 = 2
        /// A second signal ended it at once.
        public static let interrupted: Int32 = 130
    }

    /// Runs one service as this process, until SIGTERM or SIGINT asks for a graceful end; a second signal ends it at
    /// once. Why it could not start, or ended, is in the log, and in one line on standard error: the log may be JSON,
    /// below its level, or somewhere else.
    /// - Parameter program: what messages about its use begin with; by default, the program as the user called it.
    /// - Returns: the exit code.
    public static func run(
        _ app: any ServiceApp.Type, input: Configuration.Input = .process(), program: String? = nil
    ) async -> Int32 {
        let program = program ?? Self.program(else: app.name)
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(
                StandardKeys.everyService + app.keys, from: input, checks: StandardKeys.checks + app.checks)
        } catch {
            return refuse(
                error, program: program, summary: app.summary, keys: StandardKeys.everyService + app.keys)
        }
        let host = TelemetryHost(configuration: configuration)
        let (telemetry, exporter) = host.telemetry(for: app.name, configuration: configuration)
        telemetry.logger.info("configuration", metadata: LogMetadata(configuration))
        let failure: (any Error)? = await withTerminationSignal { signal in
            do {
                let setup = Setup(
                    service: app.name, configuration: configuration, telemetry: telemetry, companions: exporter)
                try await ShutdownSignal.$current.withValue(signal) { try await app.make(setup).run() }
                return nil
            } catch is CancellationError where signal.isTriggered {
                // Told to end while it waited for what it needs.
                return nil
            } catch {
                telemetry.logger.critical("\(app.name) ends: \(describe(error))")
                return error
            }
        }
        host.close()
        guard let failure else { return ExitCode.success }
        ProcessFiles.writeError("\(program): \(oneLine(describe(failure)))\n")
        return ExitCode.failure
    }

    /// As the user called it.
    private static func program(else name: String) -> String {
        CommandLine.arguments.first.flatMap { $0.split(separator: "/").last }.map(String.init) ?? name
    }

    /// Says what is wrong with the command line or the environment, or prints the help that was asked for.
    public static func refuse(
        _ error: ConfigurationError, program: String, summary: String, keys: [any AnyConfigurationKey]
    ) -> Int32 {
        switch error {
        case .helpRequested:
            ProcessFiles.writeOutput(
                "\(program): \(summary)\n\nUsage: \(program) [FLAGS]\n\n\(Configuration.help(for: keys))\n")
            return ExitCode.success
        case .refused(let lines):
            for line in lines { ProcessFiles.writeError("\(program): \(line)\n") }
            return ExitCode.usage
        }
    }

    /// Calls `body` with a signal that SIGTERM and SIGINT trigger. The second one ends the process at once.
    public static func withTerminationSignal<Result>(
        _ body: (ShutdownSignal) async -> Result
    ) async -> Result {
        let signal = ShutdownSignal()
        let watch = SignalWatch(SignalWatch.termination, on: EventLoopGroup.shared.loops[0]) { _ in
            if signal.isTriggered { _exit(ExitCode.interrupted) }
            signal.trigger()
        }
        defer { watch.stop() }
        // The watch begins on the loop, in its turn: whoever sees the process at work must be able to end it gracefully.
        await withCheckedContinuation { begun in EventLoopGroup.shared.loops[0].execute { begun.resume() } }
        return await body(signal)
    }

    /// Ends the process, whose log has been closed.
    ///
    /// Not `exit`: it takes the libraries down, libuv and the Swift runtime among them, under the threads that still use
    /// them, and now and then the process would die of that instead of ending well.
    public static func end(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }

    /// Whoever reads line by line must not take a part for the whole.
    static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// For an operator: the text of our own errors without their code.
    public static func describe(_ error: any Error) -> String {
        (error as? ServiceError)?.message ?? "\(error)"
    }
}

extension ServiceApp {
    /// The whole of a service's executable: runs it, and exits.
    ///
    /// `@concurrent`, because that is the type `@main` asks for in a module with other defaults than this one's.
    @concurrent public static func main() async {
        ServiceProcess.end(await ServiceProcess.run(self))
    }
}

extension LogMetadata {
    /// Every setting with its value and where that came from, secrets hidden.
    public init(_ configuration: Configuration) {
        self = [:]
        for entry in configuration.entries { self[entry.variable] = .string("\(entry.shown) (\(entry.source))") }
    }
}
