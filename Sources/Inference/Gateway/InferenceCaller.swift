package import NIOCore

/// On whose behalf a call is made, and where it came in.
package struct InferenceCaller: Sendable {
    package let account: any RunAccount
    package let trace: RunTrace
    /// What the request's header says; it goes before what the body says.
    package let promptVersion: PromptVersion?
    /// The request's headers; what providers must not see is left out on the way.
    package let headers: [HeaderField]
    /// Where the answer is to arrive.
    package let eventLoop: (any EventLoop)?
    package let departure: Departure

    package init(
        account: any RunAccount, trace: RunTrace, promptVersion: PromptVersion?, headers: [HeaderField],
        eventLoop: (any EventLoop)?, departure: Departure
    ) {
        self.account = account
        self.trace = trace
        self.promptVersion = promptVersion
        self.headers = headers
        self.eventLoop = eventLoop
        self.departure = departure
    }
}
