extension String {
    /// Whether there is any character that stands for no text, NUL and line ends among them.
    var hasControlCharacters: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
