internal import FerryCore
internal import FerryText

/// Whether everything that the source says is translated, and nothing else.
enum CoverageRules {
  static func check(_ report: inout CheckReport, _ pair: SourcePair) {
    let ratio = LengthRatio(report, pair)
    missing(&report, pair)
    extra(&report, pair)
    for group in pair.pairing.groups {
      blank(&report, pair, group, ratio)
      fallback(&report, pair, group)
    }
  }

  private static func missing(_ report: inout CheckReport, _ pair: SourcePair) {
    let starts = pair.pairing.order.map { report.cues[$0].start }
    for index in pair.pairing.sourceAlone where isSpeech(pair.subjects[index]) {
      let cue = pair.source.cues[index]
      let next = firstIndex(of: starts) { $0 >= cue.start }
      let near = pair.pairing.order[min(next, starts.count - 1)]
      guard let severity = report.profile.severity("tr.missing") else { return }
      report.add(
        "tr.missing", severity, line: report.line(of: near),
        "nothing translates \(pair.name(index)): '\(TextFinding.excerpt(of: cue.text))'",
        hint: "translate it, or move the cue that does to its time")
    }
  }

  private static func firstIndex(of times: [CueTime], _ isBehind: (CueTime) -> Bool) -> Int {
    var low = 0
    var high = times.count
    while low < high {
      let middle = (low + high) / 2
      if isBehind(times[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private static func extra(_ report: inout CheckReport, _ pair: SourcePair) {
    for index in pair.pairing.trackAlone where isSpeech(report.subjects[index]) {
      report.flag(
        "tr.extra", cue: index, "the source says nothing at the time of this cue",
        hint: "check its times, or remove it; put what is written in the picture in [ ]")
    }
  }

  /// Whether a cue has words that need a translation: no sound in brackets, no music sign.
  static func isSpeech(_ subject: CueSubject) -> Bool {
    guard subject.text.unicodeScalars.contains(where: \.properties.isAlphabetic) else { return false }
    let text = subject.text.trimmed
    guard let first = text.first, let last = text.last else { return false }
    let isSound = ["[": "]", "(": ")", "（": "）", "【": "】", "［": "］", "〔": "〕"][first] == last
    return !isSound && first != "♪" && first != "♫" && first != "#"
  }

  /// A cue without words where the source has some.
  private static func blank(
    _ report: inout CheckReport, _ pair: SourcePair, _ group: Pairing.Group, _ ratio: LengthRatio
  ) {
    guard let first = group.track.first, group.track.allSatisfy({ !report.subjects[$0].hasText }),
      group.source.contains(where: { isSpeech(pair.subjects[$0]) })
    else { return }
    let rank = pair.pairing.rank[first]
    let last = pair.pairing.rank[group.track.last ?? first]
    let neighbours = [rank - 1, last + 1].filter(pair.pairing.order.indices.contains).map { pair.pairing.order[$0] }
    if let full = neighbours.first(where: { ratio.isDouble($0) }) {
      report.flag(
        "tr.blank_merge", cue: first, "the cue is empty, and \(CheckReport.name(of: full)) seems to hold its words too",
        hint: "divide the text between the cues as in the source")
    } else {
      report.flag(
        "tr.missing", cue: first,
        "the cue is empty where the source says '\(TextFinding.excerpt(of: pair.text(group)))'", hint: "translate it")
    }
  }

  /// One cue that was left as it is in the source.
  private static func fallback(_ report: inout CheckReport, _ pair: SourcePair, _ group: Pairing.Group) {
    guard group.source.count == group.track.count else { return }
    for (source, index) in zip(group.source, group.track) {
      let text = pair.subjects[source].text
      guard SourcePair.words(text) == SourcePair.words(report.subjects[index].text), isSpeech(pair.subjects[source]),
        !text.contains("://"), isForeign(text, pair.source.language, report.language)
      else { continue }
      report.flag(
        "tr.fallback", cue: index, "the cue says the same as the source's '\(pair.source.language)' cue",
        hint: "translate it")
    }
  }

  /// Whether a text that stands in both tracks shows that it was not translated; `Python` and `Hello, world` do not.
  private static func isForeign(_ text: String, _ source: LanguageTag, _ target: LanguageTag) -> Bool {
    let hasHan = text.unicodeScalars.contains(where: \.isHan)
    if source.isWrittenInHan { return hasHan && !target.isWrittenInHan }
    return !hasHan && text.split(whereSeparator: \.isWhitespace).count >= 3
  }

  /// How much longer or shorter than its source a cue usually is, to see one that holds two cues' words.
  private struct LengthRatio {
    private var usual = 0.0
    private var ratios: [Int: Double] = [:]

    init(_ report: CheckReport, _ pair: SourcePair) {
      for group in pair.pairing.groups where group.source.count == 1 && group.track.count == 1 {
        let source = pair.subjects[group.source[0]].text.utf8.count
        let text = report.subjects[group.track[0]].text.utf8.count
        guard source > 0, text > 0 else { continue }
        ratios[group.track[0]] = Double(text) / Double(source)
      }
      let sorted = ratios.values.sorted()
      if !sorted.isEmpty { usual = sorted[sorted.count / 2] }
    }

    func isDouble(_ cue: Int) -> Bool { ratios[cue].map { usual > 0 && $0 >= usual * 1.6 } ?? false }
  }
}
