import APIServer
import Accounts
import ArgumentParser
import Foundation

struct ListKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List API keys, oldest first, one a line, fields separated by tabs.")

    @OptionGroup var shared: SharedOptions

    @Option(help: ArgumentHelp("List this user's keys only.", valueName: "email"))
    var user: String?

    func run() async throws {
        let accounts = try await Installation.open(shared.configuration()).accounts
        var owner: UserID?
        if let user {
            guard let found = try await accounts.user(email: user) else {
                throw CommandError("there is no user \(user)")
            }
            owner = found.id
        }
        print("ID\tPREFIX\tUSER\tNAME\tSCOPES\tCREATED\tSTATE")
        var page = try await accounts.keys(ofUser: owner)
        while let last = page.last {
            for record in page { print(line(record)) }
            page = try await accounts.keys(ofUser: owner, after: last.id)
        }
    }

    private func line(_ record: APIKeyRecord) -> String {
        let created = Date(timeIntervalSince1970: Double(record.createdAt) / 1000)
        let isExpired = !record.isActive(at: Int64(Date().timeIntervalSince1970 * 1000))
        let state = record.revokedAt != nil ? "revoked" : isExpired ? "expired" : "active"
        return [
            "\(record.id)", record.prefix, record.userEmail, record.name, "\(record.scopes)",
            created.formatted(.iso8601), state,
        ].joined(separator: "\t")
    }
}
