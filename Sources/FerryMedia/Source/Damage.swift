internal import FerryCore

/// What could not be decoded, and whether the job takes it as it is.
///
/// A fault is judged when the next good picture or sound shows how long it lasted: then it is a finding where broken
/// parts are tolerated, and the error of the title where they are not.
struct Damage {
  private let tolerances: Set<Tolerance>
  /// By stream: the first fault since the last good picture or sound, and when that ended.
  private var open: [Int: (error: MediaError, start: Double)] = [:]
  private(set) var findings: [Quality.Finding] = []

  init(tolerances: Set<Tolerance>) { self.tolerances = tolerances }

  mutating func note(_ error: MediaError, stream: Int, at time: Double) {
    if open[stream] == nil { open[stream] = (error, time) }
  }

  /// A good picture or sound came; throws the fault before it unless that is tolerated.
  mutating func mended(stream: Int?, at time: Double) throws(MediaError) {
    // A decoder with threads still gives out what came before the fault.
    guard !open.isEmpty, let stream, let fault = open[stream], time > fault.start else { return }
    open[stream] = nil
    guard tolerances.contains(.brokenParts) else { throw fault.error }
    add(from: fault.start, to: max(fault.start, time), "stream \(stream) could not be decoded: \(words(fault.error))")
  }

  /// The stream is over; a fault that nothing followed is a part of its end.
  mutating func ended(stream: Int?, at time: Double, until declared: Double?) throws(MediaError) {
    guard let stream, let fault = open.removeValue(forKey: stream) else { return }
    if tolerances.isEmpty { throw fault.error }
    add(
      from: fault.start, to: max(time, declared ?? time),
      "stream \(stream) could not be decoded from here on: \(words(fault.error))")
  }

  mutating func forgive(stream: Int?) {
    if let stream { open[stream] = nil }
  }

  mutating func missingEnd(from start: Double, to end: Double, _ words: String) { add(from: start, to: end, words) }

  private func words(_ error: MediaError) -> String { error.detail ?? error.description }

  private mutating func add(from start: Double, to end: Double, _ detail: String) {
    findings.append(
      Quality.Finding(
        kind: .damaged, severity: .warning, startMs: Milliseconds(seconds: start),
        endMs: Milliseconds(seconds: end), detail: detail))
  }
}
