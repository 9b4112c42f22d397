/// The providers that may serve a model, in order.
///
/// The first attempt of a call goes to a target drawn by weight from those that are healthy. Should it fail, the
/// healthy targets that were not tried yet follow in the order of the list. A target of weight 0 is never drawn: it is
/// a fallback, and starts a call only when no other target is healthy.
package struct Route: Hashable, Sendable {
    package let id: String
    package let targets: [Target]
    /// How often a call is tried again, on whichever target, before the first byte of an answer.
    package let retries: Int

    /// - Precondition: There is a target, and no weight and no count is negative.
    package init(id: String, targets: [Target], retries: Int = 2) {
        precondition(!targets.isEmpty, "a route needs a target")
        precondition(retries >= 0, "a number of retries is not negative")
        self.id = id
        self.targets = targets
        self.retries = retries
    }

    package struct Target: Hashable, Sendable {
        /// The id of a provider.
        package let provider: String
        /// The model's name at the provider; nil means that it is the catalogue's id.
        package let model: String?
        package let weight: Int

        package init(provider: String, model: String? = nil, weight: Int = 1) {
            precondition(weight >= 0, "a weight is not negative")
            self.provider = provider
            self.model = model
            self.weight = weight
        }
    }
}
