import FerryCore
import Foundation
import Testing

@testable import FerryYAML

/// Damaged jobs end in a job or in diagnostics, never in a crash.
struct FuzzTests {
  /// A small generator with a seed, so that a failure can be repeated.
  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 33)
    }
  }

  @Test(arguments: ["[", "{", "- ", "? ", "{a: ", "[{"]) func survivesAnyDepth(_ opening: String) {
    let bytes = Array(String(repeating: opening, count: 200_000 / opening.utf8.count).utf8)
    #expect(throws: Diagnostics.self) { try Document.reading(bytes: bytes, file: "job.yaml") }
  }

  @Test func survivesManyDuplicates() {
    let bytes = Array((0..<800).map { "key\($0 % 200): \($0)\n" }.joined().utf8)
    #expect(throws: Diagnostics.self) { try Document.reading(bytes: bytes, file: "job.yaml") }
  }

  @Test func survivesMutations() throws {
    var random = Seeded(state: 20_261_123)
    let corpus = try GoldenTests.names("valid").map { name in
      Array(try Data(contentsOf: URL(fileURLWithPath: "\(GoldenTests.folder)/valid/\(name).yaml")))
    }
    let splices = [
      "[", "{", "]", "}", ": ", "- ", "&a ", "*a", "!!x ", "\t", "\"", "'", "|\n", "\u{0}", "%", "---\n", "é",
    ]
    var outcomes = (jobs: 0, refusals: 0)
    for _ in 0..<3000 {
      var bytes = corpus[Int.random(in: 0..<corpus.count, using: &random)]
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(contentsOf: Array(splices.randomElement(using: &random)!.utf8), at: at)
        default: bytes.removeSubrange(at..<min(bytes.count, at + 40))
        }
        if bytes.isEmpty { bytes = [0x20] }
      }
      do throws(Diagnostics) {
        _ = try JobReader.read(try Document.reading(bytes: bytes, file: "job.yaml"))
        outcomes.jobs += 1
      } catch {
        outcomes.refusals += 1
        #expect(error.all.allSatisfy { !$0.message.isEmpty && $0.place.file == "job.yaml" })
      }
    }
    #expect(outcomes.jobs > 20)
    #expect(outcomes.refusals > 1000)
  }
}
