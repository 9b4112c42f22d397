/// The origin of a log as statements name it: checked once, for all statements that belong to the log.
package struct StatementOrigin: Sendable {
    /// The origin, as the checkpoints of the log have it.
    package let text: String

    /// The member `predicateType` of either kind of statement.
    private let observedType: [UInt8]
    private let assertedType: [UInt8]

    /// - Throws: `invalidShape` if it can't name a log.
    package init(_ text: String) throws(AuditError) {
        guard NoteKey.isValid(name: text) else { throw AuditError(.invalidShape, "origin can't name a log") }
        self.text = text
        observedType = Self.predicateType(of: .gatewayObserved, origin: text)
        assertedType = Self.predicateType(of: .userAsserted, origin: text)
    }

    func predicateType(of observation: Observation) -> [UInt8] {
        switch observation {
        case .gatewayObserved: observedType
        case .userAsserted: assertedType
        }
    }

    private static func predicateType(of observation: Observation, origin: String) -> [UInt8] {
        CanonicalJSON.encode(.string(PredicateType.text(origin: origin, name: observation.predicateName)))
    }
}
