/// Who pays for a run, and where it is written down. Whoever serves plugs it in.
package protocol RunAccount: Sendable {
    /// Holds the most that a run may cost, in nano-dollars.
    ///
    /// - Throws: When there is not so much to spend, or nobody can tell.
    func reserve(_ nanoDollars: Int64) async throws -> any RunReservation

    /// Records a run that was refused before it reached a provider.
    func reject(_ run: InferenceRun) async throws
}

/// What is held for one run.
package protocol RunReservation: Sendable {
    /// Charges and records the run: when this returns it is on disk, whole.
    ///
    /// - Parameter body: The answer, where all of it is known before it is sent.
    func settle(_ run: InferenceRun, body: [UInt8]?) async throws

    /// Gives back what is held, for a run that is not recorded.
    func release() async
}
