/// The method by which the energy of generated text is estimated: that of EcoLogits 0.11.3 for language models.
///
/// A regression on measured GPUs and servers that serve 64 requests at a time. It covers the generation of tokens by models
/// of a known number of parameters, and not: the prompt, machines that stand idle, the network, the making of hardware.
/// The constants are those of https://github.com/genai-impact/ecologits/blob/0.11.3/ecologits/impacts/llm.py.
enum EnergyMethod {
    static let name = "ecologits-llm@0.11.3"

    /// Requests that a server works on at the same time.
    static let batch = 64

    /// What a data centre draws for each watt-hour of its machines. EcoLogits has 1.09 to 1.20 for the providers it knows;
    /// the estimate takes the highest and its low end the lowest.
    static let pue = 1.20
    static let pueLow = 1.09
    static let pueText = "1.20"

    /// The same for the high end of an estimate, with idle and auxiliary machines: Google publishes 0.24 Wh for its median
    /// text prompt, of which 0.10 Wh are those of accelerators at work (https://arxiv.org/abs/2508.15734).
    static let overheadHigh = 2.4

    /// `exp(-0.011205921025579175 * 64)`, the effect of the batch on a GPU's energy.
    private static let batchEffect = 0.488_127_349_229_793_3

    /// What one GPU draws for one token.
    static func gpuWattHoursPerToken(activeBillions: Double) -> Double {
        1.166_527_317_045_191_4e-06 * batchEffect * activeBillions + 4.052_928_146_734_005e-05
    }

    static func secondsPerToken(activeBillions: Double) -> Double {
        0.000_678_508_809_435_366_3 * activeBillions + 0.000_311_931_031_168_825_9 * Double(batch)
            + 0.019_473_717_579_473_387
    }

    /// The GPUs of 80 GB that hold a model of 16-bit weights and a fifth more, as a power of two.
    ///
    /// The size is within `ModelSize.limits`.
    static func gpus(totalBillions: Double) -> Int {
        let needed = Int((1.2 * totalBillions * 16 / 8 / 80).rounded(.up))
        var count = 1
        while count < needed { count *= 2 }
        return count
    }

    /// The request's share of a server of eight GPUs, without them.
    static func serverWatts(gpus: Int) -> Double {
        1200 * Double(gpus) / 8 / Double(batch)
    }
}
