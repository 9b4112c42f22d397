import Inference
import TestSupport
import Testing

struct PricingTests {
    private static func pricing(_ input: String?, _ output: String?, cached: String? = nil) -> Pricing {
        var pricing = Pricing()
        pricing.standardInput = input.flatMap(Price.init(decimalText:))
        pricing.standardOutput = output.flatMap(Price.init(decimalText:))
        pricing.cachedInput = cached.flatMap(Price.init(decimalText:))
        return pricing
    }

    @Test func `input and output are charged by the million tokens`() throws {
        let pricing = Self.pricing("0.02", "0.08")
        #expect(try pricing.cost(inputTokens: 1_000_000, outputTokens: 0) == 20_000_000)
        #expect(try pricing.cost(inputTokens: 0, outputTokens: 1_000_000) == 80_000_000)
        #expect(try pricing.cost(inputTokens: 120, outputTokens: 88) == 2_400 + 7_040)
    }

    @Test func `cached input is part of the input and charged once`() throws {
        let pricing = Self.pricing("1", "4", cached: "0.25")
        #expect(try pricing.cost(inputTokens: 100, cachedInputTokens: 40, outputTokens: 0) == 60_000 + 10_000)
        #expect(try pricing.cost(inputTokens: 100, cachedInputTokens: 100, outputTokens: 0) == 25_000)
    }

    @Test func `cached input without a price of its own costs what input costs`() throws {
        let pricing = Self.pricing("1", "4")
        #expect(try pricing.cost(inputTokens: 100, cachedInputTokens: 40, outputTokens: 0) == 100_000)
    }

    @Test func `a cost is rounded once and half up`() throws {
        // A token of input costs 0.3 nano-dollars, one of output 0.2.
        let pricing = Self.pricing("0.0003", "0.0002")
        #expect(try pricing.cost(inputTokens: 1, outputTokens: 0) == 0)
        #expect(try pricing.cost(inputTokens: 1, outputTokens: 1) == 1)
        #expect(try pricing.cost(inputTokens: 1, cachedInputTokens: 1, outputTokens: 1) == 1)
        #expect(try pricing.cost(inputTokens: 3, outputTokens: 2) == 1)
        #expect(try pricing.cost(inputTokens: 5, outputTokens: 0) == 2)
    }

    @Test func `a count that makes no sense never makes a cost negative or larger`() throws {
        let pricing = Self.pricing("1", "4", cached: "0.25")
        #expect(try pricing.cost(inputTokens: -5, cachedInputTokens: -5, outputTokens: -5) == 0)
        #expect(try pricing.cost(inputTokens: 10, cachedInputTokens: 1_000, outputTokens: 0) == 2_500)
        #expect(try pricing.reservation(inputTokens: -1, outputTokensMax: 10, choiceCount: 0) == 40_000)
    }

    @Test func `costs and reservations are what exact arithmetic says`() throws {
        var generator = SeededGenerator(seed: 20_260_101)
        var overflows = 0
        for _ in 0..<3_000 {
            func number() -> Int64 {
                Int64.random(in: 0...Int64.max, using: &generator) >> Int.random(in: 0...62, using: &generator)
            }
            let input = number()
            let cached = min(number(), input)
            let output = number()
            var pricing = Pricing()
            pricing.standardInput = Price(picoDollars: number())
            pricing.standardOutput = Price(picoDollars: number())
            pricing.cachedInput = Bool.random(using: &generator) ? Price(picoDollars: number()) : nil

            let standard = BigNatural(pricing.standardInput?.picoDollars ?? 0)
            let cheap = BigNatural((pricing.cachedInput ?? pricing.standardInput)?.picoDollars ?? 0)
            let spoken = BigNatural(output) * BigNatural(pricing.standardOutput?.picoDollars ?? 0)
            let exact = BigNatural(input - cached) * standard + BigNatural(cached) * cheap + spoken
            let cost = try? pricing.cost(inputTokens: input, cachedInputTokens: cached, outputTokens: output)
            #expect(cost == exact.rounded(toPowerOfTen: 9).int64)
            if cost == nil { overflows += 1 }

            let choices = Int64.random(in: 1...128, using: &generator)
            let worstPrice = max(pricing.standardInput?.picoDollars ?? 0, pricing.cachedInput?.picoDollars ?? 0)
            let worst = BigNatural(input) * BigNatural(worstPrice) + spoken * BigNatural(choices)
            let reservation = try? pricing.reservation(
                inputTokens: input, outputTokensMax: output, choiceCount: choices)
            if (BigNatural(output) * BigNatural(choices)).int64 != nil {
                #expect(reservation == worst.rounded(toPowerOfTen: 9).int64)
            } else {
                #expect(reservation == nil)
            }
        }
        #expect(overflows > 100, "the numbers must reach beyond 64 bits")
    }

    @Test func `no usage within what was asked for costs more than its reservation`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            var pricing = Pricing()
            pricing.standardInput = Price(picoDollars: Int64.random(in: 0...10_000_000_000_000, using: &generator))
            pricing.standardOutput = Price(picoDollars: Int64.random(in: 0...10_000_000_000_000, using: &generator))
            pricing.cachedInput = Price(picoDollars: Int64.random(in: 0...10_000_000_000_000, using: &generator))
            let input = Int64.random(in: 0...200_000, using: &generator)
            let output = Int64.random(in: 0...200_000, using: &generator)
            let choices = Int64.random(in: 1...8, using: &generator)
            let reservation = try pricing.reservation(
                inputTokens: input, outputTokensMax: output, choiceCount: choices)
            let cost = try pricing.cost(
                inputTokens: Int64.random(in: 0...input, using: &generator),
                cachedInputTokens: Int64.random(in: 0...input, using: &generator),
                outputTokens: Int64.random(in: 0...output * choices, using: &generator))
            #expect(cost <= reservation)
        }
    }

    @Test func `arithmetic out of range is an error and blames who sent the numbers`() throws {
        let pricing = Self.pricing("1", "9000000")
        #expect(throws: InferenceError(.upstreamError, "")) {
            try pricing.cost(inputTokens: 0, outputTokens: .max)
        }
        #expect(throws: InferenceError(.invalidRequest, "")) {
            try pricing.reservation(inputTokens: 0, outputTokensMax: .max)
        }
        #expect(throws: InferenceError(.invalidRequest, "")) {
            try Pricing().reservation(inputTokens: 0, outputTokensMax: .max, choiceCount: 2)
        }
    }

    @Test func `a model without prices is free`() throws {
        #expect(Pricing().isFree)
        #expect(Self.pricing("0", "0").isFree)
        #expect(!Self.pricing(nil, "0.000000000001").isFree)
        #expect(try Pricing().cost(inputTokens: .max, outputTokens: .max) == 0)
        #expect(try Pricing().reservation(inputTokens: .max, outputTokensMax: .max) == 0)
        var pricing = Pricing()
        pricing.perImage = Price(picoDollars: 1)
        #expect(!pricing.isFree)
    }
}
