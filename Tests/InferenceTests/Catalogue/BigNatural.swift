/// Natural numbers of any size, slow and obviously right: decimal digits, the lowest first.
struct BigNatural: Equatable {
    private var digits: [Int]

    init(_ value: some BinaryInteger) {
        digits = String(value).reversed().compactMap(\.wholeNumberValue)
    }

    private init(digits: [Int]) {
        self.digits = digits
        while self.digits.count > 1, self.digits.last == 0 { self.digits.removeLast() }
    }

    static func + (left: Self, right: Self) -> Self {
        var sum: [Int] = []
        var carry = 0
        for index in 0...max(left.digits.count, right.digits.count) {
            let total = left.digit(index) + right.digit(index) + carry
            sum.append(total % 10)
            carry = total / 10
        }
        return Self(digits: sum)
    }

    static func * (left: Self, right: Self) -> Self {
        var product = Self(0)
        for (shift, factor) in right.digits.enumerated() {
            let shifted = Self(digits: Array(repeating: 0, count: shift) + left.digits)
            for _ in 0..<factor { product = product + shifted }
        }
        return product
    }

    /// Divided by a power of ten, a half rounded up.
    func rounded(toPowerOfTen exponent: Int) -> Self {
        let quotient = Self(digits: digits.count > exponent ? Array(digits[exponent...]) : [0])
        return digit(exponent - 1) >= 5 ? quotient + Self(1) : quotient
    }

    /// Nil if it does not fit.
    var int64: Int64? { Int64(digits.reversed().map(String.init).joined()) }

    private func digit(_ index: Int) -> Int { index < digits.count ? digits[index] : 0 }
}
