internal import Glibc
internal import MartletCore
internal import MartletKit
internal import MartletRuntime

/// `martlet up --detach`: starts this program again in the background and waits until everything is ready.
struct Detached {
    let workplace: Workplace
    /// The services that must run.
    let needed: [String]
    /// Of `up`, without those that say where it runs.
    let arguments: [String]

    /// How long it waits: what a service may wait for its store, and the time to start.
    let patience: Duration

    func run() async throws -> Int32 {
        if let process = workplace.owner() { return try await join(process) }
        try ProcessFiles.makeFolder(workplace.folder)
        let client = try ControlClient(workplace)
        let start = size(of: workplace.log)
        let child = try spawn()
        let end = MonotonicTime.now + patience
        while MonotonicTime.now < end {
            var status: Int32 = 0
            if waitpid(child, &status, WNOHANG) == child {
                // Somebody else may have been faster.
                if let process = workplace.owner() { return try await join(process) }
                tellWhy(from: start)
                return ServiceProcess.ExitCode.failure
            }
            if workplace.owner() == child, let status = try? await client.status(), status.runs(needed) {
                announce(status)
                return ServiceProcess.ExitCode.success
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        kill(child, SIGTERM)
        throw ServiceError(.deadlineExceeded, "not everything is ready after \(patience); see \(workplace.log)")
    }

    /// The system runs already: starts what was stopped in it.
    private func join(_ process: pid_t) async throws -> Int32 {
        ProcessFiles.writeOutput("already running, as process \(process)\n")
        let client = try ControlClient(workplace, patience: patience)
        let end = MonotonicTime.now + patience
        var found: SystemStatus?
        while found == nil, workplace.owner() == process, MonotonicTime.now < end {
            found = try? await client.status()
            // It may have begun a moment ago, and not listen yet.
            if found == nil { try await Task.sleep(for: .milliseconds(20)) }
        }
        guard let status = found else {
            throw ServiceError(.unavailable, "process \(process) does not answer; see \(workplace.log)")
        }
        // At the same time, as `up` itself does.
        try await withThrowingTaskGroup(of: Void.self) { starts in
            for service in status.services where needed.contains(service.name) && service.state != "running" {
                starts.addTask { _ = try await client.start(service.name) }
            }
            for try await _ in starts {}
        }
        announce(try await client.status())
        return ServiceProcess.ExitCode.success
    }

    private func announce(_ status: SystemStatus) {
        let running = status.services.filter { $0.state == "running" }
        let width = running.map(\.name.count).max() ?? 0
        for service in running {
            let padding = String(repeating: " ", count: width - service.name.count)
            ProcessFiles.writeOutput("  \(service.name)\(padding)  \(service.place)\n")
            for address in service.otherAddresses {
                ProcessFiles.writeOutput("  \(String(repeating: " ", count: width))  \(address)\n")
            }
        }
        if let page = running.first(where: { $0.name == "front-end" }) {
            ProcessFiles.writeOutput("\nOpen \(page.place) and press the buttons.\n")
        }
    }

    /// In a session of its own, with its output in the log, and nothing of ours held open.
    private func spawn() throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, workplace.log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // The pool's threads block signals, and a child inherits that: without an empty mask it would never hear SIGTERM.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // POSIX_SPAWN_SETSID, 0x80, is a GNU extension that the importer does not see.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)

        let words = ["martlet", "up", "--only", needed.joined(separator: ",")] + arguments
        var pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        // The flag may also have come from the environment, where the child would find it again.
        unsetenv("MARTLET_DETACH")
        var child = pid_t()
        let result = posix_spawn(&child, "/proc/self/exe", &actions, &attributes, &pointers, environ)
        guard result == 0 else {
            throw ServiceError(
                .failedPrecondition,
                "cannot start the system with its log in \(workplace.log): "
                    + String(cString: strerror(result)))
        }
        return child
    }

    private func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The last lines that the child wrote before it ended.
    private func tellWhy(from start: Int) {
        guard let file = fopen(workplace.log, "re") else { return }
        defer { fclose(file) }
        fseek(file, start, SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("martlet: ") }
        if lines.isEmpty {
            ProcessFiles.writeError("martlet: the system ended before it was ready; see \(workplace.log)\n")
        }
        for line in lines.suffix(5) { ProcessFiles.writeError(line + "\n") }
    }
}

extension SystemStatus {
    fileprivate func runs(_ needed: [String]) -> Bool {
        needed.allSatisfy { name in services.contains { $0.name == name && $0.state == "running" } }
    }
}
