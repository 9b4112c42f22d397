import Database

extension AuditLog {
    /// Compares everything that is stored of the log with everything else, from the first leaf to the last.
    ///
    /// What is wrong stops the log from signing. The work is done in short pieces, so that others are not kept waiting.
    ///
    /// - Parameter pause: Called between two pieces.
    /// - Returns: What is wrong, at most the first hundred things.
    /// - Throws: `database`; `CancellationError` has it return what was found so far.
    package func fsck(
        pause: @Sendable () async -> Void = {}
    ) async throws(AuditLogError) -> [LogFinding] {
        var progress = LogAudit.Progress()
        do {
            let size = try await size()
            while !progress.isComplete, progress.next < size {
                guard !Task.isCancelled else { return progress.findings }
                progress = try await read { [self, progress] connection throws(DatabaseError) in
                    var progress = progress
                    try LogAudit(log: self, connection).advance(&progress, size: size)
                    return progress
                }
                await pause()
            }
        } catch let error where error.code == .inconsistent {
            let finding = LogFinding(leafIndex: nil, message: error.message)
            stopSigning(because: error.message)
            return progress.findings + [finding]
        }
        for finding in progress.findings { stopSigning(because: "the audit log is damaged: \(finding)") }
        return progress.findings
    }
}
