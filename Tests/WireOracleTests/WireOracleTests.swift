import Foundation
import OTLP
import Testing
import WireOracle

struct WireOracleTests {
    @Test func `walker and libprotobuf-c agree on every file of the corpus`() throws {
        let files = try Corpus.files()
        #expect(files.count >= 78)
        for (name, bytes) in files {
            #expect(WireOracle.disagreement(on: bytes) == nil, "\(name)")
        }
    }

    @Test func `files named valid are accepted and files named refused are refused`() throws {
        for (name, bytes) in try Corpus.files() {
            let outline = try? unsafe TraceRequestWalker.walk(bytes.span.bytes)
            if name.hasPrefix("valid-") {
                #expect(outline != nil, "\(name)")
            } else if name.hasPrefix("refused-") {
                #expect(outline == nil, "\(name)")
            }
        }
    }

    @Test func `walker and libprotobuf-c agree on mutations of the corpus`() throws {
        let chosen = ProcessInfo.processInfo.environment["BATCHIN_TEST_SEED"].flatMap { UInt64($0) }
        let seed = chosen ?? .random(in: 0...(.max))
        print("BATCHIN_TEST_SEED=\(seed)")
        var mutator = Mutator(seed: seed)
        let files = try Corpus.files().map(\.bytes)
        for _ in 0..<20_000 {
            let bytes = mutator.mutation(of: files)
            let disagreement = WireOracle.disagreement(on: bytes)
            #expect(disagreement == nil, "seed \(seed): \(Data(bytes).base64EncodedString())")
            if disagreement != nil { return }
        }
    }
}
