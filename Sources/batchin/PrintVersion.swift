import APIServer
import ArgumentParser

struct PrintVersion: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @OptionGroup var shared: SharedOptions

    func run() {
        print("batchin \(Version.current)")
    }
}
