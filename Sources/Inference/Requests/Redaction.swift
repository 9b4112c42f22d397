/// Makes another server's text fit to be shown.
enum Redaction {
    private static let mark = "[redacted]"

    /// How the credentials of well-known services begin.
    private static let prefixes = [
        "sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "gsk_", "hf_", "xai-", "nvapi-", "r8_", "key-", "AIza", "AKIA",
        "ghp_",
        "eyJ", "batchin_",
    ]
    /// After these words comes a credential.
    private static let schemes = ["bearer", "basic"]
    /// So many letters and digits in a row, with some of both, are no word.
    private static let wordLengthMax = 20

    /// The text in one line of at most `lengthMax` characters, without the secrets and without what looks like one.
    static func redact(_ text: String, hiding secrets: [String], lengthMax: Int) -> String {
        var known = text
        for secret in secrets where !secret.isEmpty { known = known.replacing(secret, with: mark) }
        var words: [String] = []
        var previous = Substring()
        for word in known.split(whereSeparator: { $0.isWhitespace || isInvisible($0) }) {
            words.append(schemes.contains(previous.lowercased()) ? mark : redact(word))
            previous = word
        }
        let line = words.joined(separator: " ")
        return line.count <= lengthMax ? line : line.prefix(lengthMax) + "…"
    }

    /// A word, which may have punctuation around a credential and in it.
    private static func redact(_ word: Substring) -> String {
        let pieces = word.split(whereSeparator: isPunctuation)
        let isSecret = pieces.contains { piece in
            prefixes.contains(where: piece.hasPrefix) && piece.count > 6 || isRandom(piece)
        }
        return isSecret ? mark : String(word)
    }

    private static func isRandom(_ piece: Substring) -> Bool {
        piece.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).contains { run in
            run.count >= wordLengthMax && run.contains(where: \.isNumber) && run.contains(where: \.isLetter)
        }
    }

    private static func isPunctuation(_ character: Character) -> Bool {
        !character.isLetter && !character.isNumber && character != "-" && character != "_" && character != "*"
    }

    private static func isInvisible(_ character: Character) -> Bool {
        character.unicodeScalars.contains { [.control, .format].contains($0.properties.generalCategory) }
    }
}
