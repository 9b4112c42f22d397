/// The size that a model's name gives, in billions of parameters.
///
/// A name is read word by word, words being letters, digits and points; case means nothing:
/// - `8b`, `0.5b`, `360m`: that many parameters, all active. Of several the largest counts; millions count only from ten
///   on (`1m` is the length of a context) and only where there are no billions.
/// - `e4b`: effective parameters, taken as they are.
/// - `30b-a3b`: in total 30 billion, of which 3 are active.
/// - `8x7b`: eight experts. In total 56 billion, and two experts, 14 billion, are active for a token. What experts share
///   is counted twice, so both are somewhat too high (Mixtral 8x7B has 46.7 and 12.9).
///
/// `a3b` without a total and `17b-16e`, active parameters and experts, leave the total open: they give no size.
struct ModelSizeInName {
    let total: Double
    let active: Double

    /// - Returns: nil if the name gives no size, or none within `ModelSize.limits`.
    init?(_ name: String) {
        var billions: [Double] = []
        var millions: [Double] = []
        var activeBillions: Double?
        for word in name.lowercased().utf8.split(whereSeparator: { !Self.isInWord($0) }) {
            switch Word(word) {
            case .billions(let count): billions.append(count)
            case .millions(let count): millions.append(count)
            case .active(let count): activeBillions = count
            case .experts(let experts, let each):
                billions.append(experts * each)
                activeBillions = activeBillions ?? min(2, experts) * each
            case .expertsWithoutSize: return nil
            case nil: break
            }
        }
        guard let total = billions.max() ?? millions.max().map({ $0 / 1000 }) else { return nil }
        let active = activeBillions ?? total
        guard ModelSize.limits.contains(total), ModelSize.limits.contains(active), active <= total else { return nil }
        self.total = total
        self.active = active
    }

    private static func isInWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: ".")
    }
}

extension ModelSizeInName {
    private typealias Bytes = Substring.UTF8View.SubSequence

    /// A word that says something of a size.
    private enum Word {
        case billions(Double)
        case millions(Double)
        /// In billions.
        case active(Double)
        case experts(Double, each: Double)
        case expertsWithoutSize

        init?(_ word: Bytes) {
            let count = word.dropLast()
            switch word.last {
            case UInt8(ascii: "b"): self.init(billions: count)
            case UInt8(ascii: "m"): self.init(millions: count)
            case UInt8(ascii: "e") where ModelSizeInName.number(count) != nil: self = .expertsWithoutSize
            default: return nil
            }
        }

        private init?(billions text: Bytes) {
            if let count = ModelSizeInName.number(text) ?? ModelSizeInName.number(text, after: "e") {
                self = .billions(count)
            } else if let count = ModelSizeInName.number(text, after: "a") {
                self = .active(count)
            } else if let times = text.firstIndex(of: UInt8(ascii: "x")),
                let experts = ModelSizeInName.number(text[..<times]),
                let each = ModelSizeInName.number(text[times...], after: "x")
            {
                self = .experts(experts, each: each)
            } else {
                return nil
            }
        }

        private init?(millions text: Bytes) {
            if let count = ModelSizeInName.number(text), count >= 10 {
                self = .millions(count)
            } else if let count = ModelSizeInName.number(text, after: "a") {
                self = .active(count / 1000)
            } else {
                return nil
            }
        }
    }

    private static func number(_ text: Bytes, after letter: Unicode.Scalar) -> Double? {
        text.first == UInt8(ascii: letter) ? ModelSizeInName.number(text.dropFirst()) : nil
    }

    /// Digits, or digits, a point and digits; at most eight characters.
    private static func number(_ text: Bytes) -> Double? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, text.count <= 8,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { digit in (0x30...0x39).contains(digit) } })
        else { return nil }
        return Double(Substring(text))
    }
}
