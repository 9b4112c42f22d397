@testable import Database

extension Migration {
    static func stub(_ version: Int = 1, name: String = "items", _ script: String = itemsScript) -> Migration {
        Migration(version: version, name: name, script: Array(script.utf8))
    }

    static let itemsScript = """
        CREATE TABLE items (id BIGINT PRIMARY KEY, name TEXT UNIQUE, size BIGINT CHECK (size > 0), bytes BYTEA);
        CREATE TABLE parts (id BIGINT PRIMARY KEY, item_id BIGINT NOT NULL REFERENCES items (id));
        """
}
