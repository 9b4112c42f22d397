/// The public name of a run: `run_` and 24 random digits in base 62, about 143 bits.
enum RunID {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    /// What one random number gives: 62⁸ of 2⁶⁴, so that no digit is more likely than another by more than 2⁻¹⁶.
    private static let digitsPerNumber = 8

    static func make(using generator: inout some RandomNumberGenerator) -> String {
        var text = Array("run_".utf8)
        text.reserveCapacity(28)
        for _ in 0..<3 {
            var number = generator.next()
            for _ in 0..<digitsPerNumber {
                text.append(digits[Int(number % 62)])
                number /= 62
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
