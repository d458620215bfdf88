internal import FerryCore

struct SoundChecks {
  init(_ rules: CheckRules, sampleRate: Int) {}
  mutating func add(_ p: UnsafeMutablePointer<UnsafeMutablePointer<Float>>, channels: Int, count: Int) {}
  consuming func finish() -> [Quality.Finding] { [] }
}
