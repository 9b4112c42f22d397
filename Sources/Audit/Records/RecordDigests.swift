/// The plain SHA-256 digests of the values that a record commits to.
package struct RecordDigests: Equatable, Sendable {
    package var input: SHA256Digest
    package var output: SHA256Digest
    /// Of the bodies as they passed the gateway: there exactly if the run was observed.
    package var requestWire: SHA256Digest?
    package var responseWire: SHA256Digest?
    /// Only of observed runs, and of those only where a prompt was managed.
    package var promptTemplate: SHA256Digest?

    package init(
        input: SHA256Digest, output: SHA256Digest, requestWire: SHA256Digest? = nil, responseWire: SHA256Digest? = nil,
        promptTemplate: SHA256Digest? = nil
    ) {
        self.input = input
        self.output = output
        self.requestWire = requestWire
        self.responseWire = responseWire
        self.promptTemplate = promptTemplate
    }

    package subscript(field: CommitmentField) -> SHA256Digest? {
        switch field {
        case .details: nil
        case .input: input
        case .output: output
        case .promptTemplate: promptTemplate
        case .requestWire: requestWire
        case .responseWire: responseWire
        }
    }

    /// - Throws: `invalidShape` unless they are those of the statement's kind.
    func check(_ observation: Observation) throws(AuditError) {
        let isComplete =
            switch observation {
            case .gatewayObserved: requestWire != nil && responseWire != nil
            case .userAsserted: requestWire == nil && responseWire == nil && promptTemplate == nil
            }
        guard isComplete else {
            throw AuditError(.invalidShape, "commitments are not those of the statement's kind")
        }
    }
}
