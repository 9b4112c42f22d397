import APIServer
import ArgumentParser
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the server.")

    @OptionGroup var shared: SharedOptions

    @Option(help: ArgumentHelp("Where to listen; port 0 is any free one.", valueName: "host:port"))
    var listen: String?

    @Option(help: "How logs are written to standard error.")
    var logFormat = LogFormat.text

    @Flag(help: "Print the effective configuration, secrets redacted, and exit.")
    var printConfig = false

    func run() async throws {
        let configuration = try shared.configuration(listen: listen)
        if printConfig {
            print(configuration.printed(), terminator: "")
            return
        }
        LoggingSystem.bootstrap(logFormat.makeHandler)
        try await Server.run(configuration: configuration, logger: Logger(label: "batchin"))
    }
}

extension LogFormat: ExpressibleByArgument {}
