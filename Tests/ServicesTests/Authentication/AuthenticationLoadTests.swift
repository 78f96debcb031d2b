import MartletCore
import MartletHTTP
import MartletSQLite
import Testing

@testable import AuthenticationService

@Suite("Logging in under load and attack", .timeLimit(.minutes(1)))
struct AuthenticationLoadTests {
    @Test("when the pool of password checks is full, the next login is 503 at once and everything else answers")
    func full() async throws {
        let crypt = RecordingCrypt(isHeld: true)
        let service = try await AuthenticationHarness(threads: 1, queueLimit: 2, crypt: crypt)
        try await withThrowingTaskGroup(of: Int.self) { group in
            // One is being checked, two wait; each from an account of its own.
            group.addTask { try await service.logIn("a@example.com", "secret one").status }
            await eventually { crypt.settings.count == 1 }
            group.addTask { try await service.logIn("b@example.com", "secret two").status }
            group.addTask { try await service.logIn("c@example.com", "secret three").status }
            await eventually { service.hasher.waiting == 2 }
            let refused = try await service.logIn("d@example.com", "secret four")
            #expect(refused.status == 503)
            #expect(refused.message == "too many logins at once; try again")
            #expect(refused.headers["Retry-After"] == "1")

            #expect(try await service.send(.get, "/ping").status == 200)
            #expect(try await service.administer(.get, "/users").status == 200)
            #expect(try await service.administer(.get, "/users/2").status == 200)
            #expect(crypt.settings.count == 1)

            crypt.release(3)
            for try await status in group { #expect(status == 400) }
        }
    }

    @Test("a login that never got its turn does not count as a failure")
    func uncounted() async throws {
        var limits = FailureLimiter.Limits()
        limits.accountAtAddress.burst = 1
        let service = try await AuthenticationHarness(limits: limits)
        await service.database.close()
        for _ in 0..<5 {
            #expect(try await service.logIn("admin@example.com", "verysecret").status == 503)
        }
    }

    @Test("an unknown user costs one hash of the standard cost, as a known one does")
    func equalWork() async throws {
        // Held open: what is asked is noted, and the hashes themselves are made at a cost that tests can bear.
        let asked = Locked<[String]>([])
        let bcrypt = Bcrypt(
            hash: { _, setting in
                asked.withLock { $0.append(setting) }
                return "*0"
            }, makeSetting: { _ in nil })
        let hasher = PasswordHasher(threads: 1, bcrypt: bcrypt)
        let password = try Password("verysecret")
        let stored = "$2a$12$1zGLuYDDNvATh4RA4avbKuheAMpb1svexSzrQm7up.bnpwQHs0jNe"
        #expect(try await !hasher.verify(password, against: stored))
        #expect(try await !hasher.verify(password, against: nil))
        #expect(try await !hasher.verify(password, against: "no hash"))
        let costs = asked.withLock { $0 }.map { Bcrypt.cost(of: $0) }
        #expect(costs == [12, 12, 12])
    }

    @Test("after too many failures the next is 429 with the time to wait, and the right password too")
    func limited() async throws {
        var limits = FailureLimiter.Limits()
        limits.accountAtAddress = .init(burst: 3, interval: .seconds(60))
        let service = try await AuthenticationHarness(limits: limits)
        try await service.addUser("ada@example.com")
        for _ in 0..<3 {
            #expect(try await service.logIn("ada@example.com", "wrong horse").status == 400)
        }
        // Another spelling of the address is the same account.
        let refused = try await service.logIn("ADA@example.com", "correct horse")
        #expect(refused.status == 429)
        #expect(refused.headers["Retry-After"] == "60")
        #expect(service.crypt.settings.count == 3)
        // Another account is not concerned.
        try await service.addUser("bob@example.com")
        #expect(try await service.logIn("bob@example.com", "correct horse").status == 202)

        service.clock.advance(.seconds(60))
        #expect(try await service.logIn("ada@example.com", "correct horse").status == 202)
        // And the account starts afresh.
        for _ in 0..<3 {
            #expect(try await service.logIn("ada@example.com", "wrong horse").status == 400)
        }
        #expect(try await service.logIn("ada@example.com", "wrong horse").status == 429)
    }

    @Test("an account that does not exist is limited like one that does")
    func limitedUnknown() async throws {
        var limits = FailureLimiter.Limits()
        limits.accountAtAddress = .init(burst: 2, interval: .seconds(60))
        let service = try await AuthenticationHarness(limits: limits)
        for status in [400, 400, 429] {
            #expect(try await service.logIn("nobody@example.com", "some secret").status == status)
        }
    }

    @Test("what is written of logins into the metrics names no one")
    func metrics() async throws {
        let service = try await AuthenticationHarness()
        try await service.addUser("ada@example.com")
        _ = try await service.logIn("ada@example.com", "correct horse")
        _ = try await service.logIn("ada@example.com", "wrong horse")
        var bytes: [UInt8] = []
        service.metrics.writePrometheusText(to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(#"martlet_logins_total{outcome="ok"} 1"#))
        #expect(text.contains(#"martlet_logins_total{outcome="invalid"} 1"#))
        #expect(!text.contains("ada@"))
    }
}
