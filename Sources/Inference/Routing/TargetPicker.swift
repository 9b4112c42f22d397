/// Chooses the target of a call's next attempt; `Route` says by which rule.
enum TargetPicker {
    /// The position of the next target, or nil if none may be called.
    ///
    /// When every target that may be called was tried already, the one that was tried least often is next, and of those
    /// the one whose turn was longest ago.
    /// - Parameters:
    ///   - tried: The positions of this call's attempts so far, in their order.
    ///   - mayCall: Whether the target at a position may be called.
    static func pick(
        from targets: [Route.Target], tried: [Int], using generator: inout some RandomNumberGenerator,
        mayCall: (Int) -> Bool
    ) -> Int? {
        let candidates = targets.indices.filter(mayCall)
        if tried.isEmpty, let drawn = draw(from: candidates, of: targets, using: &generator) { return drawn }
        return candidates.min { one, other in turns(of: one, in: tried) < turns(of: other, in: tried) }
    }

    /// A random one, as often as its weight says; nil if no candidate has a weight.
    private static func draw(
        from candidates: [Int], of targets: [Route.Target], using generator: inout some RandomNumberGenerator
    ) -> Int? {
        if candidates.count == 1, targets[candidates[0]].weight > 0 { return candidates[0] }
        let total = candidates.reduce(UInt128(0)) { $0 + UInt128(targets[$1].weight) }
        guard total > 0 else { return nil }
        var rest = UInt128.random(in: 0..<total, using: &generator)
        for candidate in candidates {
            let weight = UInt128(targets[candidate].weight)
            if rest < weight { return candidate }
            rest -= weight
        }
        preconditionFailure("a number below the total falls on one of the weights")
    }

    private static func turns(of position: Int, in tried: [Int]) -> (count: Int, last: Int) {
        (tried.count { $0 == position }, tried.lastIndex(of: position) ?? -1)
    }
}
