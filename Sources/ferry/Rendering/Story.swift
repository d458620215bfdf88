import FerryCore
import FerryPipeline
import Foundation

/// Tells a run as it happens: a progress line with the time left on a terminal, plain lines elsewhere, JSON on request.
final class Story: @unchecked Sendable {
  private let output: OutputOptions
  private let lock = NSLock()
  private let clock = ContinuousClock()
  private var started: ContinuousClock.Instant
  private var lastDrawn: ContinuousClock.Instant
  private var lineIsOpen = false
  private var heading = ""

  init(_ output: OutputOptions) {
    self.output = output
    started = clock.now
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
    var awaited: [String]?
    var path: String?
    var files: Int?
    var bytes: Int?
    var failed: Int?
    var waiting: Int?
  }

  func tell(_ event: RunEvent) {
    lock.withLock {
      if output.json { write(line(for: event)) } else { draw(event) }
    }
  }

  func end(_ end: Pipeline.End, of job: Job) {
    lock.withLock {
      closeLine()
      var line = Line(event: "job-ended", job: job.delivery)
      switch end {
      case .published(let path, let failed, let waiting):
        (line.path, line.failed, line.waiting) = (path, failed, waiting)
        if !output.json { Terminal.answer(path) }
      case .unchanged(let path):
        (line.path, line.failed, line.waiting) = (path, 0, 0)
        if !output.json { Terminal.answer(path) }
      case .held(let failed, let waiting):
        (line.failed, line.waiting) = (failed, waiting)
        Terminal.say(held(job, failed, waiting))
      }
      if output.json { write(line) }
    }
  }

  func finishLine() { lock.withLock { closeLine() } }

  private func held(_ job: Job, _ failed: Int, _ waiting: Int) -> String {
    var reasons: [String] = []
    if failed > 0 { reasons.append("\(counted(failed, "title")) failed") }
    if waiting > 0 { reasons.append("\(counted(waiting, "title")) waiting for a translation") }
    return """
      \(job.delivery): not published, \(reasons.joined(separator: " and ")) of \(job.titles.count). What is done is kept: \
      run again when that is mended, or with --partial to deliver the rest now.
      """
  }

  private func line(for event: RunEvent) -> Line {
    switch event {
    case .titleStarted(let title, let number, let count, let encodes):
      Line(event: "title-started", title: title, number: number, of: count, encoded: encodes)
    case .titleProgress(let title, let position, let duration):
      Line(event: "title-progress", title: title, positionMs: position.count, durationMs: duration.count)
    case .titleFinished(let title, let didEncode, let seconds, let warnings):
      Line(event: "title-finished", title: title, encoded: didEncode, seconds: seconds, problems: warnings)
    case .titleFailed(let title, let problems): Line(event: "title-failed", title: title, problems: problems)
    case .titleWaits(let title, let awaited): Line(event: "title-waits", title: title, awaited: awaited)
    case .assembling(let titles): Line(event: "assembling", of: titles)
    case .verifying(let files): Line(event: "verifying", files: files)
    case .published(let path, let files, let bytes): Line(event: "published", path: path, files: files, bytes: bytes)
    case .unchanged(let path): Line(event: "unchanged", path: path)
    }
  }

  private func write(_ line: Line) {
    do { try Terminal.answer(json: line, pretty: false) } catch { Terminal.say("cannot write JSON: \(error)") }
  }

  private func draw(_ event: RunEvent) {
    switch event {
    case .titleStarted(let title, let number, let count, let encodes):
      heading = "[\(number)/\(count)] \(title)"
      started = clock.now
      if !Terminal.isInteractive && encodes { say("\(heading): encoding") }
    case .titleProgress(_, let position, let duration): progress(position, duration)
    case .titleFinished(_, let didEncode, let seconds, let warnings):
      closeLine()
      Terminal.say(warnings)
      let tenths = (seconds * 10).rounded() / 10
      say("\(heading): done in \(tenths) s\(didEncode ? "" : " (nothing encoded: renditions kept)")")
    case .titleFailed(let title, let problems):
      closeLine()
      Terminal.say(problems)
      Terminal.say("\(title): failed")
    case .titleWaits(let title, let awaited): say("\(title): waits for \(awaited.joined(separator: "; "))")
    case .assembling(let titles): say("packaging \(counted(titles, "title"))")
    case .verifying(let files): say("verifying \(counted(files, "file")): digests, and every picture and sound decoded")
    case .published(_, let files, let bytes):
      say("published: \(counted(files, "file")), \(ProbeText.size(bytes))")
    case .unchanged: say("unchanged: already published")
    }
  }

  /// Redraws at most eight times a second, and only where a person watches.
  private func progress(_ position: Milliseconds, _ duration: Milliseconds) {
    guard Terminal.isInteractive, !output.quiet, duration.count > 0, clock.now - lastDrawn > .milliseconds(125) else {
      return
    }
    lastDrawn = clock.now
    let share = min(1, Double(position.count) / Double(duration.count))
    let elapsed = (clock.now - started).inSeconds
    let left = share > 0.02 ? "\(Int((elapsed / share - elapsed).rounded(.up))) s left" : ""
    let filled = Int(share * 24)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
    FileHandle.standardError.write(Data("\r\u{1B}[K\(heading) \(bar) \(Int(share * 100)) % \(left)".utf8))
    lineIsOpen = true
  }

  private func say(_ text: String) {
    closeLine()
    if !output.quiet { Terminal.say(text) }
  }

  private func closeLine() {
    if lineIsOpen { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    lineIsOpen = false
  }
}
