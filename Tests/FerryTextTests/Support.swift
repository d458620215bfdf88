import FerryCore
import Foundation
import Testing

@testable import FerryText

let chinese = tag("zh")
let english = tag("en")

func tag(_ text: String) -> LanguageTag {
  guard let tag = LanguageTag(text) else { preconditionFailure("'\(text)' is no language tag") }
  return tag
}

func fixture(_ name: String, file: String = #filePath) throws -> [UInt8] {
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appending(path: "Fixtures")
  return [UInt8](try Data(contentsOf: folder.appending(path: name)))
}

/// The track of a text that must read without an error, and the warnings.
func read(
  _ text: String, named file: String = "t.srt", language: LanguageTag = english, encoding: TextEncoding? = nil
) throws -> (track: Track, warnings: [Diagnostic]) {
  try TrackFile.read(bytes: Array(text.utf8), file: file, language: language, encoding: encoding)
}

/// All findings of bytes, whether or not they can be read.
func findings(
  _ bytes: [UInt8], named file: String = "t.srt", language: LanguageTag = english, encoding: TextEncoding? = nil
) -> [Diagnostic] {
  TrackFile.examine(bytes: bytes, file: file, language: language, encoding: encoding).findings
}

/// A shorter notation for what the tests compare: `1.000-2.500 text`.
func brief(_ cues: [Cue]) -> [String] {
  cues.map { "\($0.start.milliseconds)-\($0.end.milliseconds) \($0.text.replacing("\n", with: "|"))" }
}

func cue(_ start: Int, _ end: Int, _ text: String) -> Cue {
  Cue(
    start: CueTime(milliseconds: start), end: CueTime(milliseconds: end),
    lines: text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map { [Run(String($0))] })
}

/// A repeatable source of chance (SplitMix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Compares with a file under `Golden`; with `RECORD_GOLDEN=1` rewrites it and fails.
func expectGolden(_ text: String, _ name: String, file: String = #filePath) throws {
  let golden = URL(fileURLWithPath: file).deletingLastPathComponent().appending(path: "Golden/\(name)")
  if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
    try FileManager.default.createDirectory(
      at: golden.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: golden, atomically: true, encoding: .utf8)
    Issue.record("recorded \(name)")
    return
  }
  #expect(text == (try String(contentsOf: golden, encoding: .utf8)))
}
