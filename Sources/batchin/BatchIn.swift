import ArgumentParser
@main struct BatchIn: ParsableCommand {}
