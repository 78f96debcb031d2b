internal import MartletCore
internal import MartletEmbeddedBus
internal import MartletKit
internal import MartletMessaging
internal import MartletWire

/// `martlet events`: what waits on the bus, and what it has given up on.
enum EventsCommand {
    private static let queue = Flag(
        name: "queue", letter: "q", placeholder: "QUEUE", type: .busName, help: "Of this queue alone.")
    private static let limit = Flag(
        name: "limit", letter: "n", placeholder: "COUNT", type: .integer(in: 1...10_000),
        help: "How many at most; 100 by default.")
    private static let all = Flag.on("all", nil, "Every dead letter of every queue.")

    static let command = Command.group(
        "events", "lists queues and dead letters, and sends dead letters again",
        details: """
            A dead letter is an event that its consumer did not take in as many attempts as its queue allows. It is kept until
            somebody redrives it (puts it back into its queue) or discards it. BUS_URL says where the bus is; without it, in the
            data folder.
            """,
        [
            Command(
                name: "list", summary: "the queues, with what waits in them", flags: [CommonFlags.json],
                work: .reading { try await list($0) }),
            Command(
                name: "dead", summary: "dead letters, the oldest first", flags: [queue, limit, CommonFlags.json],
                work: .reading { try await dead($0) }),
            selecting("redrive", "puts dead letters back into their queues") { "put back \(try await $0.redrive($1))" },
            selecting("discard", "deletes dead letters") { "deleted \(try await $0.discard($1))" },
        ])

    private static func selecting(
        _ name: String, _ summary: String,
        _ work: @escaping @Sendable (any MessageBus, DeadLetterSelection) async throws -> String
    ) -> Command {
        Command(
            name: name, summary: "\(summary): those with these numbers, --queue=QUEUE, or --all",
            operands: [Operand(name: "NUMBER", isOptional: true, isRepeated: true)], flags: [queue, all],
            work: .reading { invocation in
                let selection = try selection(for: invocation)
                let said = try await withBus(invocation) { try await work($0, selection) }
                try invocation.terminal.write("\(said)\n")
                return ServiceProcess.ExitCode.success
            })
    }

    // MARK: Actions

    private static func list(_ invocation: Invocation) async throws -> Int32 {
        let terminal = invocation.terminal
        let queues = try await withBus(invocation) { try await $0.queues() }
        if invocation.has(CommonFlags.json) {
            try terminal.write(JSON.encode(QueueListing(queues)) + [0x0A])
        } else if queues.isEmpty {
            try terminal.write("there are no queues yet\n")
        } else {
            var table = TextTable(
                ["QUEUE", "WAITING", "UNSETTLED", "DEAD", "CONSUMERS", "BYTES"], right: [1, 2, 3, 4, 5])
            for queue in queues {
                table.add([
                    queue.name, "\(queue.messages)", "\(queue.unsettled)", "\(queue.deadLetters)", "\(queue.consumers)",
                    "\(queue.bytes)",
                ])
            }
            try terminal.write(table.text(width: terminal.width))
        }
        return ServiceProcess.ExitCode.success
    }

    private static func dead(_ invocation: Invocation) async throws -> Int32 {
        let terminal = invocation.terminal
        let limit = invocation[limit] ?? 100
        let letters = try await withBus(invocation) { bus in
            var letters: [DeadLetter] = []
            while letters.count < limit {
                let page = try await bus.deadLetters(
                    of: invocation[queue], after: letters.last?.number ?? 0, limit: min(100, limit - letters.count))
                if page.isEmpty { break }
                letters += page
            }
            return letters
        }
        if invocation.has(CommonFlags.json) {
            try terminal.write(JSON.encode(DeadLetterListing(letters)) + [0x0A])
        } else if letters.isEmpty {
            try terminal.write("there are no dead letters\n")
        } else {
            var table = TextTable(["NUMBER", "DIED", "QUEUE", "KEY", "ATTEMPTS", "REASON"], right: [0, 4])
            for letter in letters {
                table.add([
                    "\(letter.number)", letter.diedAt.secondsText, letter.queue, letter.message.routingKey,
                    "\(letter.attempts)", letter.reason,
                ])
            }
            try terminal.write(table.text(width: terminal.width))
        }
        return ServiceProcess.ExitCode.success
    }

    private static func selection(for invocation: Invocation) throws(UsageProblem) -> DeadLetterSelection {
        var numbers: [Int64] = []
        for text in invocation.operands {
            guard let number = Int64(text), number > 0 else {
                throw UsageProblem("NUMBER is one that `martlet events dead` shows")
            }
            numbers.append(number)
        }
        guard numbers.count <= 1000 else { throw UsageProblem("at most 1000 numbers at once") }
        switch (numbers.isEmpty, invocation[queue], invocation.has(all)) {
        case (false, nil, false): return .numbers(numbers)
        case (true, let queue?, false): return .queue(queue)
        case (true, nil, true): return .all
        case (true, nil, false): throw UsageProblem("NUMBER is missing, or --queue=QUEUE, or --all")
        default: throw UsageProblem("numbers, --queue and --all contradict each other; give one of them")
        }
    }

    // MARK: The bus

    /// For all that is asked of the bus: it may be busy, but a person does not wait long.
    private static let patience: Duration = .seconds(10)

    private static func withBus<Result: Sendable>(
        _ invocation: Invocation, _ body: @Sendable (any MessageBus) async throws -> Result
    ) async throws -> Result {
        let path = try BusLocation.find(for: invocation)
        let bus = try SocketBus(socket: path)
        do {
            let context = CallContext(trace: .root(isSampled: false), deadline: .now + patience)
            let result = try await CallContext.$current.withValue(context) { try await body(bus) }
            await bus.close()
            return result
        } catch {
            await bus.close()
            throw error
        }
    }
}

extension ConfigurationType<String> {
    fileprivate static var busName: Self {
        Self(
            allowed: "1 to 127 letters, digits, '.', '-' and '_'",
            parse: { (try? BusName.check($0, "")) == nil ? nil : $0 }, show: { $0 })
    }
}
