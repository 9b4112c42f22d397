import Testing

@testable import APIServer

struct PostgresURLTests {
    @Test(arguments: [
        ("postgres://h/d", "postgres://h/d"),
        ("postgresql://u@h:5432/d", "postgresql://u@h:5432/d"),
        ("postgres://u:pw@h/d", "postgres://u:redacted@h/d"),
        ("postgres://u:p:#%40w@h/d", "postgres://u:redacted@h/d"),
        ("postgres://u:@h/d", "postgres://u:redacted@h/d"),
        ("postgres://u:pw@h1,h2:5433/d?sslmode=require", "postgres://u:redacted@h1,h2:5433/d?sslmode=require"),
        ("postgres:///d?user=u&password=pw&sslmode=off", "postgres:///d?user=u&password=redacted&sslmode=off"),
        ("postgres:///d?pass%77ord=pw&sslpassword=pw", "postgres:///d?pass%77ord=redacted&sslpassword=redacted"),
        ("postgres://u:p@pw@h/d", "postgres://redacted"),
        ("postgres://u:12/pw@h/d", "postgres://redacted"),
        ("postgres://u:p?password=pw@h/d", "postgres://redacted"),
        ("postgresql:///d?password=p@pw&host=h", "postgresql://redacted"),
    ])
    func `a password is not printed wherever it stands`(url: String, printed: String) throws {
        #expect(try #require(PostgresURL(url)).description == printed)
    }

    @Test(arguments: ["", "postgres:", "postgres:/h", "mysql://h", "sqlite:///x", "POSTGRES://h", " postgres://h"])
    func `another scheme is refused`(url: String) {
        #expect(PostgresURL(url) == nil)
    }
}
