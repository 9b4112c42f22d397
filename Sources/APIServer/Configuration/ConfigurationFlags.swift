/// The settings of the command line, each of which wins over every other source.
package struct ConfigurationFlags: Sendable, Equatable {
    /// The configuration file of `--config`; without it no file is read.
    package var config: String?
    /// The data folder of `--data`.
    package var data: String?
    /// The address of `--listen`.
    package var listen: String?

    package init(config: String? = nil, data: String? = nil, listen: String? = nil) {
        self.config = config
        self.data = data
        self.listen = listen
    }

    /// The flag and its value for the setting at `path`, if it was given.
    func override(at path: String) -> (flag: String, value: String)? {
        switch path {
        case "data": data.map { ("--data", $0) }
        case "listen": listen.map { ("--listen", $0) }
        default: nil
        }
    }
}
