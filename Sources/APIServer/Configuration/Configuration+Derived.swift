import Foundation

extension Configuration {
    /// Whether this is any environment but `development`.
    package var isProduction: Bool { environment != "development" }

    /// The address that clients use, without a trailing slash. It is never made from a Host header.
    package var publicURL: String { publicURL(listeningOn: listen) }

    /// The address that clients use, where the listener's real address is known only after binding (port 0).
    package func publicURL(listeningOn address: ListenAddress) -> String {
        guard let explicitPublicURL else { return "http://\(address)" }
        return String(explicitPublicURL.reversed().drop { $0 == "/" }.reversed())
    }

    /// The file that holds the master key: the one that was set, else one under the data folder.
    package var masterKeyFile: String { explicitMasterKeyFile ?? path(inData: "secrets/master.key") }

    /// The SQLite file that is used when `database.url` is empty.
    package var databasePath: String { path(inData: "batchin.db") }

    /// A path under the data folder.
    package func path(inData relative: String) -> String {
        URL(filePath: data, directoryHint: .isDirectory).appending(path: relative).path(percentEncoded: false)
    }
}
