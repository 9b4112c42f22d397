import Sodium
import Testing

struct PasswordHashTests {
    @Test func `a password is told from all others`() throws {
        let hash = try PasswordHash(hashing: "correct horse")
        for (password, matches) in [("correct horse", true), ("correct hors", false), ("Correct horse", false)] {
            #expect(try hash.matches(password) == matches)
        }
    }

    @Test func `every byte of a password counts, zeros and the last of many too`() throws {
        let long = String(repeating: "ü", count: 511) + "ab"
        for (password, other) in [
            ("a\0b", "a\0c"), (long, String(long.dropLast()) + "c"), ("e\u{301}", "é"), ("", " "),
        ] {
            let hash = try PasswordHash(hashing: password)
            #expect(try hash.matches(password))
            #expect(try !hash.matches(other))
        }
    }

    @Test func `hashes are Argon2id over 19 MiB in two passes, each with a salt of its own`() throws {
        let hashes = [try PasswordHash(hashing: "password"), try PasswordHash(hashing: "password")]
        #expect(hashes.allSatisfy { $0.text.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$") })
        #expect(hashes[0].text != hashes[1].text)
    }

    /// Made with the reference implementation: `argon2 batchin-test-salt -id -t 2 -k 19456 -p 1 -l 32`.
    @Test func `a hash that another implementation made is understood`() throws {
        let hash = PasswordHash(
            storedText: "$argon2id$v=19$m=19456,t=2,p=1$YmF0Y2hpbi10ZXN0LXNhbHQ"
                + "$bhiMAayzBs9bj2zC+TBEYL/xHw48fYm/itflei8YeEk")
        #expect(try hash.matches("correct horse battery staple"))
        #expect(try !hash.matches("correct horse battery staples"))
    }

    @Test func `the hash that matches nothing costs what a real one does`() throws {
        let parameters = try PasswordHash(hashing: "").text.split(separator: "$").prefix(3)
        #expect(PasswordHash.matchingNothing.text.split(separator: "$").prefix(3) == parameters)
        #expect(try !PasswordHash.matchingNothing.matches(""))
    }

    @Test(arguments: [
        "", "password", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$YmF0$", "$2b$10$abcdefghijklmnopqrstuv",
        "$argon2id$v=19$m=19456,t=2,p=1$YmF0Y2hpbi10ZXN0LXNhbHQ$bhiMAayzBs9bj2zC+TBEYL/xHw48fYm/itflei8YeEk=",
        String(repeating: "$argon2id$", count: 13),
    ])
    func `other text is no hash`(text: String) {
        #expect(throws: SodiumError.self) { try PasswordHash(storedText: text).matches("password") }
    }

    @Test func `no way of printing shows the hash`() throws {
        let hash = try PasswordHash(hashing: "password")
        var dumped = ""
        dump([hash], to: &dumped)
        for text in ["\(hash)", String(reflecting: hash), "\(Optional(hash) as Any)", dumped] {
            #expect(!text.contains("argon2") && text.contains("redacted"))
        }
    }
}
