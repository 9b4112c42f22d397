import Yams

extension Configuration: CustomStringConvertible {
    /// The effective configuration as YAML of the same schema, with every secret redacted.
    ///
    /// Redactions aside, loading the text again gives an equal value.
    package func printed() -> String {
        do {
            return try Yams.serialize(node: yamlNode, width: -1, allowUnicode: true)
        } catch {
            // The emitter fails only on malformed trees and exhausted memory; a word in place of the text is safe.
            return "# The configuration cannot be printed.\n"
        }
    }

    /// As printed, so that a configuration that ends up in a log shows no secret.
    package var description: String { printed() }
}
