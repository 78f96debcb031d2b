import MartletCore
import MartletKit
import Testing

@testable import AuthenticationService

@Suite("Passwords", .timeLimit(.minutes(1)))
struct PasswordTests {
    /// Published vectors (crypt_blowfish's own tests): the same password under each prefix.
    @Test(
        "hashes of other programs are checked, whatever their prefix",
        arguments: [
            ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
            ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
            ("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ])
    func vectors(password: String, hash: String) async throws {
        let hasher = PasswordHasher(cost: 4)
        #expect(try await hasher.verify(try Password(password), against: hash))
        #expect(try await !hasher.verify(try Password(password + "x"), against: hash))
    }

    @Test("two hashes of one password differ, and both are checked")
    func salted() async throws {
        let hasher = PasswordHasher(cost: 4)
        let password = try Password("pässwörd 🐦")
        let (first, second) = (try await hasher.hash(password), try await hasher.hash(password))
        #expect(first != second)
        #expect(first.utf8.count == 60)
        #expect(try await hasher.verify(password, against: first))
        #expect(try await hasher.verify(password, against: second))
    }

    @Test("nothing that describes a password shows it")
    func hidden() throws {
        let password = try Password("verysecret")
        var dumped = ""
        dump(password, to: &dumped)
        for text in ["\(password)", String(reflecting: password), dumped] { #expect(!text.contains("118")) }
        #expect(!dumped.contains("verysecret"))
    }

    @Test(
        "texts are equal exactly when they are",
        arguments: [
            ("", "", true), ("a", "a", true), ("a", "b", false), ("a", "", false), ("", "a", false), ("ab", "a", false),
            ("aa", "a", false), ("a", "aa", false), ("é", "e\u{301}", false),
        ])
    func constantTime(left: String, right: String, expected: Bool) {
        #expect(ConstantTime.areEqual(left, right) == expected)
    }

    @Test("the pool says what waits")
    func waiting() async throws {
        let crypt = RecordingCrypt(isHeld: true)
        let hasher = PasswordHasher(cost: 4, threads: 1, queueLimit: 1, bcrypt: crypt.bcrypt)
        let password = try Password("some secret")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await hasher.verify(password, against: nil) }
            await eventually { crypt.settings.count == 1 }
            group.addTask { _ = try await hasher.verify(password, against: nil) }
            await eventually { hasher.waiting == 1 }
            await #expect(throws: ServiceError.self) { try await hasher.verify(password, against: nil) }
            await #expect(throws: ServiceError.self) { try await hasher.hash(password) }
            crypt.release(2)
            try await group.waitForAll()
        }
    }
}
