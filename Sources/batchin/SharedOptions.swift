import APIServer
import ArgumentParser

/// What every command takes.
struct SharedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The data folder; wins over the configuration file.", valueName: "dir"))
    var data: String?

    /// The configuration from flags, environment and file.
    func configuration(listen: String? = nil) throws -> Configuration {
        do {
            return try Configuration.load(flags: ConfigurationFlags(config: config, data: data, listen: listen))
        } catch {
            throw CommandError("the configuration is not valid\n\(error)")
        }
    }
}
