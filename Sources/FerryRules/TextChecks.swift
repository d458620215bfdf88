package import FerryCore

/// Every rule of timed text that a track can be held against before it is delivered.
package enum TextChecks {
  /// What the checks must know of the video.
  package struct MediaFacts: Hashable, Sendable {
    /// `nil` as long as nobody knows: then nothing is held against it.
    package var duration: Duration?
    package var frameRate: Rational?
    /// Width by height as shown, such as 16/9.
    package var displayAspect: Rational?

    package init(duration: Duration?, frameRate: Rational? = nil, displayAspect: Rational? = nil) {
      self.duration = duration
      self.frameRate = frameRate
      self.displayAspect = displayAspect
    }
  }

  /// The rules that cannot be judged without the length of the video.
  package static let lengthRules: Set<String> = ["time.pastend", "time.coverage"]

  /// A track and what it is held against; what is not given is not checked.
  package struct Input: Sendable {
    package var track: Track
    package var file: String
    package var profile: TextProfile
    package var media: MediaFacts?
    /// The track in the language filmed.
    package var source: Track?
    package var glossary: Glossary?

    package init(
      track: Track, file: String, profile: TextProfile? = nil, media: MediaFacts? = nil, source: Track? = nil,
      glossary: Glossary? = nil
    ) {
      self.track = track
      self.file = file
      self.profile = profile ?? .default(for: track.language)
      self.media = media
      self.source = source
      self.glossary = glossary
    }
  }

  /// All findings in the order of the file.
  package static func run(_ input: Input) -> [TextFinding] {
    var report = CheckReport(input)
    guard !input.track.cues.isEmpty else {
      report.add(
        "fmt.empty", .error, "the track has no cues", hint: "check that the file is the right one and not cut short")
      return report.sorted()
    }
    TimeRules.check(&report)
    MediaRules.check(&report)
    CharacterRules.check(&report)
    DestroyedRules.check(&report)
    LineRules.check(&report)
    ReadingRules.check(&report)
    LanguageRules.check(&report)
    PairRules.check(&report)
    return report.sorted()
  }
}

/// Where the rules write down what they find.
struct CheckReport {
  let input: TextChecks.Input
  let subjects: [CueSubject]
  let frames: FrameGrid
  private var findings: [TextFinding] = []
  private var unlisted: [Unlisted: Int] = [:]
  private var listed: [String: Int] = [:]

  /// More than anybody reads, and little enough for the memory of a machine.
  static let listLimit = 1000

  private struct Unlisted: Hashable {
    var rule: String
    var severity: TextFinding.Severity
  }

  init(_ input: TextChecks.Input) {
    self.input = input
    subjects = input.track.cues.map(CueSubject.init)
    frames = FrameGrid(rate: input.media?.frameRate)
  }

  var cues: [Cue] { input.track.cues }
  var profile: TextProfile { input.profile }
  var language: LanguageTag { input.track.language }

  /// The line of the file that says the times of a cue; 0 when no file was read.
  func line(of cue: Int) -> Int { input.track.cueLines.count == cues.count ? input.track.cueLines[cue] : 0 }

  /// `cue 12`, and how its file calls it where that is something else.
  static func name(of index: Int) -> String { "cue \(index + 1)" }

  mutating func add(
    _ id: String, _ severity: TextFinding.Severity, cue: Int? = nil, line: Int? = nil,
    measure: TextFinding.Measure? = nil, _ message: String, hint: String? = nil
  ) {
    guard let rule = TextRule.named(id) else { preconditionFailure("'\(id)' is in no table") }
    let count = listed[id, default: 0] + 1
    listed[id] = count
    guard count <= CheckReport.listLimit else {
      unlisted[Unlisted(rule: id, severity: severity), default: 0] += 1
      return
    }
    let place = cue.map { TextFinding.CuePlace(number: $0 + 1, of: cues[$0]) }
    findings.append(
      TextFinding(
        rule: id, severity: severity, profile: profile.name, file: input.file,
        line: line ?? cue.map { self.line(of: $0) } ?? 0, cue: place, measure: measure, message: message, hint: hint,
        source: profile.source(of: rule)))
  }

  /// Whether a rule has been broken so far.
  func isBroken(_ rule: String) -> Bool { listed[rule] != nil }

  /// Adds a finding of a rule without a number, as severe as the profile says.
  mutating func flag(_ id: String, cue: Int? = nil, line: Int? = nil, _ message: String, hint: String? = nil) {
    guard let severity = profile.severity(id) else { return }
    add(id, severity, cue: cue, line: line, message, hint: hint)
  }

  consuming func sorted() -> [TextFinding] {
    var all = findings
    all.sort { a, b in
      let (left, right) = (a.cue?.number ?? 0, b.cue?.number ?? 0)
      return (a.line, left, a.rule, a.message) < (b.line, right, b.rule, b.message)
    }
    for (kind, count) in unlisted.sorted(by: { ($0.key.rule, $0.key.severity) < ($1.key.rule, $1.key.severity) }) {
      guard let rule = TextRule.named(kind.rule) else { continue }
      all.append(
        TextFinding(
          rule: kind.rule, severity: kind.severity, profile: profile.name, file: input.file, line: 0, cue: nil,
          measure: nil, message: "\(count) more findings of this rule are not listed", hint: nil,
          source: profile.source(of: rule)))
    }
    return all
  }
}

/// A cue's text as most rules look at it.
struct CueSubject {
  /// The lines, without styling and ruby.
  let lines: [String]
  let hasText: Bool

  init(_ cue: Cue) {
    lines = cue.lines.flatMap { line -> [String] in
      let text = line.count == 1 ? line[0].text : line.map(\.text).joined()
      guard text.utf8.contains(0x0A) else { return [text] }
      return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    hasText = lines.contains { $0.contains { !$0.isWhitespace && !$0.isInvisible } }
  }

  var text: String { lines.count == 1 ? lines[0] : lines.joined(separator: "\n") }
}

extension LanguageTag {
  /// Whether it is one of the Chinese languages.
  var isChinese: Bool { ["zh", "cmn", "yue", "wuu", "nan", "hak", "lzh"].contains(language) }
  /// Whether Han characters belong to its script.
  var isWrittenInHan: Bool { isChinese || language == "ja" || language == "ko" }
}
