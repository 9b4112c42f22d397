/// What a record says in public, apart from its commitments.
package struct RecordFacts: Equatable, Sendable {
    /// Nil exactly if a user asserts the run.
    package var run: RunStatement.Run?
    package var environment: String
    package var modelID: String
    package var outcome: RunOutcome
    /// Exact here and in the details; cut to the minute in the statement.
    package var receivedAt: AuditTime
    package var completedAt: AuditTime
    package var energy: EnergyEstimate

    package init(
        run: RunStatement.Run?, environment: String, modelID: String, outcome: RunOutcome, receivedAt: AuditTime,
        completedAt: AuditTime, energy: EnergyEstimate
    ) {
        self.run = run
        self.environment = environment
        self.modelID = modelID
        self.outcome = outcome
        self.receivedAt = receivedAt
        self.completedAt = completedAt
        self.energy = energy
    }

    package var observation: Observation { run == nil ? .userAsserted : .gatewayObserved }

    /// By the rules that statements are read by: nothing is signed that a verifier would refuse.
    ///
    /// - Throws: `invalidShape`.
    func check() throws(AuditError) {
        try TextRule.nonEmpty.check(environment, "environment")
        try TextRule.nonEmpty.check(modelID, "model_id")
        guard receivedAt.isWritable, completedAt.isWritable else {
            throw AuditError(.invalidShape, "a time is not in a year of four digits")
        }
        try energy.check()
        try run?.check()
        guard run != nil || outcome == .ok else {
            throw AuditError(.invalidShape, "an assertion has no outcome but ok")
        }
    }
}
