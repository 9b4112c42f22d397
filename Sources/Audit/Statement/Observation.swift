/// Who says that a run happened. Role, evidence level, leaf type and predicate follow from it and never mix.
package enum Observation: String, CaseIterable, Sendable {
    /// The gateway saw these bytes pass.
    case gatewayObserved = "gateway_observed"
    /// A caller handed them in.
    case userAsserted = "user_asserted"

    package var evidenceLevel: String {
        switch self {
        case .gatewayObserved: "A1"
        case .userAsserted: "A0"
        }
    }

    package var role: KeyRole {
        switch self {
        case .gatewayObserved: .statementObserved
        case .userAsserted: .statementAsserted
        }
    }

    package var leafType: LeafType {
        switch self {
        case .gatewayObserved: .run
        case .userAsserted: .assertion
        }
    }

    var predicateName: String {
        switch self {
        case .gatewayObserved: "inference-run"
        case .userAsserted: "user-assertion"
        }
    }

    /// How the commitments to input and output are made.
    var commitmentScheme: String {
        switch self {
        case .gatewayObserved: "salted-sha256-v1"
        case .userAsserted: "plain-sha256-v1"
        }
    }

    var requiredCommitments: [CommitmentField] {
        switch self {
        case .gatewayObserved: [.requestWire, .responseWire, .input, .output, .details]
        case .userAsserted: [.input, .output, .details]
        }
    }

    var optionalCommitments: [CommitmentField] {
        switch self {
        case .gatewayObserved: [.promptTemplate]
        case .userAsserted: []
        }
    }

    /// The same in the words of the flat shapes.
    package var hashMode: String {
        switch self {
        case .gatewayObserved: "salted-v1"
        case .userAsserted: "plain-v1"
        }
    }
}

/// How a run ended.
package enum RunOutcome: String, CaseIterable, Sendable {
    case ok
    case upstreamError = "upstream_error"
    case interrupted
    case timeout
    case rejected
}

/// What a signing key may sign.
package enum KeyRole: String, CaseIterable, Sendable {
    case statementObserved = "statement-observed"
    case statementAsserted = "statement-asserted"
    case log
    case export
}
