import FerryCore
import FerryOperations
import Foundation
import Synchronization

/// Tells a run as it happens: a progress line with the time left on a terminal, plain lines elsewhere, JSON on request.
final class Story: @unchecked Sendable {
  private let output: OutputOptions
  /// Held by whoever tells.
  private let lock = Mutex(())
  private let clock = ContinuousClock()
  private var lastDrawn: ContinuousClock.Instant
  private var lineIsOpen = false
  /// Titles at work: their place in the job, and how far they are.
  private var active: [String: Active] = [:]

  private struct Active {
    var heading: String
    var began: ContinuousClock.Instant
    var share = 0.0
  }

  init(_ output: OutputOptions) {
    self.output = output
    lastDrawn = clock.now
  }

  /// An event as scripts read it; the fields that do not belong to it are left out.
  private struct Line: Encodable {
    var event: String
    var job: String?
    var title: String?
    var number: Int?
    var of: Int?
    var positionMs: Int?
    var durationMs: Int?
    var encoded: Bool?
    var seconds: Double?
    var problems: [Diagnostic]?
    var notes: [String]?
    var awaited: [String]?
    var path: String?
    var files: Int?
    var bytes: Int?
    var failed: Int?
    var waiting: Int?
    var repaired: [String]?
  }

  func tell(_ event: RunEvent) {
    lock.withLock { _ in
      if output.json, let line = line(for: event) { write(line) } else { draw(event) }
    }
  }

  func end(_ end: NightSummary.JobEnd, of label: String) {
    lock.withLock { _ in
      closeLine()
      var line = Line(event: "job-ended", job: label)
      (line.path, line.failed, line.waiting) = (end.path, end.failed, end.waiting)
      if !end.problems.isEmpty {
        line.problems = end.problems
        Terminal.say(end.problems)
      }
      if output.json {
        write(line)
      } else if let path = end.path {
        Terminal.answer(path)
      } else if end.problems.isEmpty {
        Terminal.say(held(label, end))
      }
    }
  }

  func finishLine() { lock.withLock { _ in closeLine() } }

  private func held(_ label: String, _ end: NightSummary.JobEnd) -> String {
    var reasons: [String] = []
    if end.failed > 0 { reasons.append("\(counted(end.failed, "title")) failed") }
    if end.waiting > 0 { reasons.append("\(counted(end.waiting, "title")) waiting for a translation") }
    if end.left > 0 { reasons.append("\(counted(end.left, "title")) left for the next run") }
    if reasons.isEmpty { return "\(label): not published, the run was stopped; run again to go on" }
    return """
      \(label): not published, \(reasons.joined(separator: " and ")) of \(end.titles). What is done is kept: \
      run again when that is mended, or with --partial to deliver the rest now.
      """
  }

  /// `nil` for what only people read.
  private func line(for event: RunEvent) -> Line? {
    let name = event.kind.rawValue
    return switch event {
    case .titleStarted(let title, let number, let count, let encodes):
      Line(event: name, title: title, number: number, of: count, encoded: encodes)
    case .titleProgress(let title, let position, let duration):
      Line(event: name, title: title, positionMs: position.count, durationMs: duration.count)
    case .titleFinished(let title, let didEncode, let seconds, let warnings, let notes):
      Line(
        event: name, title: title, encoded: didEncode, seconds: seconds, problems: warnings,
        notes: notes.isEmpty ? nil : notes)
    case .titleFailed(let title, let problems): Line(event: name, title: title, problems: problems)
    case .titleWaits(let title, let awaited): Line(event: name, title: title, awaited: awaited)
    case .unsettled(let job, let files): Line(event: name, job: job, awaited: files)
    case .noted, .metricsUnwritable: nil
    case .assembling(let titles): Line(event: name, of: titles)
    case .verifying(let files): Line(event: name, files: files)
    case .published(let path, let files, let bytes): Line(event: name, path: path, files: files, bytes: bytes)
    case .unchanged(let path): Line(event: name, path: path)
    case .repaired(let path, let files): Line(event: name, path: path, files: files.count, repaired: files)
    }
  }

  private func write(_ line: Line) {
    do { try Terminal.answer(json: line, pretty: false) } catch { Terminal.say("cannot write JSON: \(error)") }
  }

  private func draw(_ event: RunEvent) {
    switch event {
    case .titleStarted(let title, let number, let count, let encodes):
      let heading = "[\(number)/\(count)] \(title)"
      active[title] = Active(heading: heading, began: clock.now)
      if !Terminal.isInteractive && encodes { say("\(heading): encoding") }
    case .titleProgress(let title, let position, let duration): progress(title, position, duration)
    case .titleFinished(let title, let didEncode, let seconds, let warnings, let notes):
      closeLine()
      Terminal.say(warnings)
      for note in notes { say("\(title): \(note)") }
      say("\(heading(title)): done in \(seconds.tenths) s\(didEncode ? "" : " (nothing encoded: renditions kept)")")
    case .titleFailed(let title, let problems):
      closeLine()
      active[title] = nil
      Terminal.say(problems)
      Terminal.say("\(title): failed")
    case .titleWaits(let title, let awaited):
      say("\(heading(title)): waits for \(awaited.joined(separator: "; "))")
    case .unsettled(let job, let files):
      say("\(job): still being copied: \(files.joined(separator: ", ")); left for the next run")
    case .noted(let problems):
      closeLine()
      Terminal.say(problems)
    case .metricsUnwritable(let path, let reason):
      closeLine()
      Terminal.say("ferry: --metrics: '\(path)' cannot be written: \(reason)")
    case .assembling(let titles): say("packaging \(counted(titles, "title"))")
    case .verifying(let files): say("verifying \(counted(files, "file")): digests, and every picture and sound decoded")
    case .published(_, let files, let bytes):
      say("published: \(counted(files, "file")), \(readable(bytes: bytes))")
    case .unchanged: say("unchanged: already published")
    case .repaired(let path, let files):
      say(
        "repaired: \(counted(files.count, "file")) of \(path): \(files.prefix(5).joined(separator: ", "))"
          + (files.count > 5 ? ", …" : ""))
    }
  }

  /// How a title is called, for the last time.
  private func heading(_ title: String) -> String { active.removeValue(forKey: title)?.heading ?? title }

  /// Redraws at most eight times a second, and only where a person watches.
  private func progress(_ title: String, _ position: Milliseconds, _ duration: Milliseconds) {
    guard duration.count > 0 else { return }
    active[title]?.share = min(1, Double(position.count) / Double(duration.count))
    guard Terminal.isInteractive, !output.quiet, clock.now - lastDrawn > .milliseconds(125) else { return }
    lastDrawn = clock.now
    let parts = active.sorted { $0.key < $1.key }.map { _, one in bar(one, width: active.count > 1 ? 10 : 24) }
    Terminal.put(Data("\r\u{1B}[K\(parts.joined(separator: "   "))".utf8))
    lineIsOpen = true
  }

  private func bar(_ one: Active, width: Int) -> String {
    let elapsed = (clock.now - one.began).inSeconds
    let left = one.share > 0.02 ? "\(Int((elapsed / one.share - elapsed).rounded(.up))) s left" : ""
    let filled = Int(one.share * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    return "\(one.heading) \(bar) \(Int(one.share * 100)) % \(left)"
  }

  private func say(_ text: String) {
    closeLine()
    if !output.quiet { Terminal.say(text) }
  }

  private func closeLine() {
    if lineIsOpen { Terminal.put(Data("\r\u{1B}[K".utf8)) }
    lineIsOpen = false
  }
}
