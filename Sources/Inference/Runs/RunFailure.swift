/// A call that failed after its run had begun.
package struct RunFailure: Error, Sendable {
    package let run: InferenceRun
    /// Why: an `InferenceError`, or what the account that pays threw.
    package let reason: any Error
}
