/// A pack that passed verification: what it says was signed by a key that a trusted root stood behind, and is in the log.
package struct VerifiedEvidencePack: Sendable {
    package let statement: RunStatement
    /// What the owner's pack shows besides.
    package let details: RunDetails?
    package let report: VerificationReport
}

extension UnverifiedEvidencePack {
    /// Makes every check.
    package func report(trusting trust: TrustPolicy) -> VerificationReport {
        PackVerification(self, trust: trust).report
    }

    /// The verified pack; nil if the report says that it is anything but valid.
    package func verified(trusting trust: TrustPolicy) -> VerifiedEvidencePack? {
        let verification = PackVerification(self, trust: trust)
        let report = verification.report
        guard report.isValid, case .success(let statement) = verification.statement else { return nil }
        return VerifiedEvidencePack(
            statement: statement, details: openings.lazy.compactMap(\.details).first, report: report)
    }
}

extension VerificationReport {
    /// Verifies a file that should be a pack.
    ///
    /// - Throws: `malformedJSON`; any other JSON gets a report.
    package init(on bytes: [UInt8], trusting trust: TrustPolicy) throws(AuditError) {
        do throws(AuditError) {
            self = try UnverifiedEvidencePack(parsing: bytes).report(trusting: trust)
        } catch let error where error.code == .malformedJSON {
            throw error
        } catch {
            // Text that is refused may not even be read for its name.
            let recordID = (try? JSONParser.parse(bytes))?.object?["record_id"]?.string.flatMap(RecordID.init(text:))
            self = .refused(error, recordID: recordID)
        }
    }
}
