extension Array {
    /// Any element; there must be one.
    func random(using generator: inout some RandomNumberGenerator) -> Element {
        self[Int.random(in: indices, using: &generator)]
    }
}
