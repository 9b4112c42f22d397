import Inference

/// Passes on that a client has left, to whoever waits for a provider on its behalf.
final class DepartureWatch: StreamPort.Occupant {
    let departure = Departure()

    func arrived() {}
    func writabilityChanged(isWritable: Bool) {}
    func clientLeft() { departure.announce() }
}
