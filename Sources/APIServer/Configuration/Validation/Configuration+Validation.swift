import Foundation

extension Configuration {
    /// Adds the mistakes that only show when several settings are seen together.
    func validate(_ reading: ConfigurationReading) {
        validateExposure(reading)
        validateStorage(reading)
        validateCatalogue(reading)
    }

    /// Development is open to everybody who reaches it, so it stays on this machine; all else asks for a token.
    private func validateExposure(_ reading: ConfigurationReading) {
        guard reading.isSound("environment") else { return }
        if isProduction {
            if internalToken == nil {
                reading.add("is required when environment is not development", at: "internal_token")
            }
        } else if !allowOpenDevelopment, reading.isSound("allow_open_development") {
            let objection = "must be a loopback address in development, unless allow_open_development is true"
            if !listen.isLoopback { reading.add(objection, at: "listen") }
            if metricsListen?.isLoopback == false { reading.add(objection, at: "metrics_listen") }
        }
        if metricsListen == listen, listen.port != 0 {
            reading.add("must differ from listen; leave it empty to serve both there", at: "metrics_listen")
        }
    }

    private func validateStorage(_ reading: ConfigurationReading) {
        if database.url != nil, explicitMasterKeyFile == nil {
            reading.add("is required with database.url", at: "master_key_file")
        }
        if spans.store == .database, spans.url == nil, database.url == nil,
            reading.isSound("spans.url"), reading.isSound("database.url")
        {
            reading.add("database needs spans.url or database.url", at: "spans.store")
        }
        if let checkpointFile = audit.checkpointFile, isInData(checkpointFile) {
            reading.add("must be outside of the data folder", at: "audit.checkpoint_file")
        }
    }

    private func isInData(_ file: String) -> Bool {
        let folder = URL(filePath: data, directoryHint: .isDirectory).standardizedFileURL.pathComponents
        return URL(filePath: file).standardizedFileURL.pathComponents.starts(with: folder)
    }
}
