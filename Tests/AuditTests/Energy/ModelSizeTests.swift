import Audit
import Testing

struct ModelSizeTests {
    @Test(
        arguments: [
            ("llama-3.1-8b-instruct", 8, 8), ("Qwen2.5-0.5B", 0.5, 0.5), ("smollm2-1.7b", 1.7, 1.7),
            ("HuggingFaceTB/SmolLM2-360M-Instruct", 0.36, 0.36), ("opt_125m", 0.125, 0.125),
            ("qwen2.5:0.5b-instruct-q4_K_M", 0.5, 0.5), ("qwen2.5-7b-instruct-1m", 7, 7),
            ("meta-llama/Llama-2-70b-hf", 70, 70), ("deepseek-r1-distill-qwen-32b", 32, 32), ("gemma-3n-e4b-it", 4, 4),
            ("mixtral-8x7b", 56, 14), ("Mixtral-8X22B-Instruct-v0.1", 176, 44),
            ("qwen3-30b-a3b", 30, 3), ("Qwen3-235B-A22B-Instruct", 235, 22), ("granite-3.0-1b-a400m-base", 1, 0.4),
        ] as [(String, Double, Double)])
    func `a name gives the size`(name: String, total: Double, active: Double) throws {
        let size = try #require(ModelSize(names: [name]))
        #expect(size.basis == .name)
        #expect(size.isKnown)
        #expect(size.totalMidpoint == total)
        #expect(size.activeMidpoint == active)
    }

    @Test(arguments: [
        "", "b", "gpt-4.1", "claude-opus-4-1", "phi-3-4k", "gemini-1m", "llama-8bit", "a100-80gb", "m-1.2.3b", "m-.5b",
        "m-0b", "m-99999b", "qwen-moe-a2.7b", "m-3b-a30b", "llama-4-scout-17b-16e-instruct", "grüße-8б", "x-123456789b",
    ])
    func `a name without a size gives the range of large models`(name: String) throws {
        let size = try #require(ModelSize(names: [name]))
        #expect(size.basis == .classMidpoint)
        #expect(size.total == 440...440)
        #expect(size.active == 44...132)
        #expect(!size.isKnown)
    }

    @Test(arguments: ["gpt-4o-mini", "GPT-4.1-Nano", "claude-haiku-4-5", "gemini-2.5-flash", "nova_lite"])
    func `models sold as small get the range of small ones`(name: String) throws {
        let size = try #require(ModelSize(names: [name]))
        #expect(size.total == 8...28)
        #expect(size.active == 8...28)
        #expect(size.activeMidpoint == 18)
    }

    @Test func `the first name that tells a size counts`() throws {
        #expect(try #require(ModelSize(names: ["assistant", "llama-3-8b", "llama-70b"])).totalMidpoint == 8)
    }

    @Test func `a configured size wins over the name's`() throws {
        let size = try #require(ModelSize(configuredTotal: 46.7, configuredActive: 12.9, names: ["mixtral-8x7b"]))
        #expect(size.basis == .configured)
        #expect(size.totalMidpoint == 46.7)
        #expect(size.activeMidpoint == 12.9)
    }

    @Test func `a configured number is completed by the name where they fit together`() throws {
        let total = try #require(ModelSize(configuredTotal: 32, names: ["qwen3-30b-a3b"]))
        #expect(total.totalMidpoint == 32 && total.activeMidpoint == 3)
        let active = try #require(ModelSize(configuredActive: 5.1, names: ["gpt-oss-120b"]))
        #expect(active.totalMidpoint == 120 && active.activeMidpoint == 5.1)
        let tooLarge = try #require(ModelSize(configuredActive: 9, names: ["llama-8b"]))
        #expect(tooLarge.totalMidpoint == 9 && tooLarge.activeMidpoint == 9)
        let tooSmall = try #require(ModelSize(configuredTotal: 7, names: ["llama-8b"]))
        #expect(tooSmall.totalMidpoint == 7 && tooSmall.activeMidpoint == 7)
    }

    @Test func `impossible configured sizes are refused`() {
        for number in [0, -1, .nan, .infinity, 10_001, 0.000_01] as [Double] {
            #expect(ModelSize(configuredTotal: number, names: ["llama-8b"]) == nil)
            #expect(ModelSize(configuredActive: number, names: ["llama-8b"]) == nil)
        }
        #expect(ModelSize(configuredTotal: 7, configuredActive: 8, names: []) == nil)
    }
}
