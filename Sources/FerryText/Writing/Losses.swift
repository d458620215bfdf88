package import FerryCore

/// What a format cannot say of cues that say it.
package enum Loss: String, CaseIterable, Sendable {
  case identifier, voice, position, layer, ruby, milliseconds, style

  /// What cues are written as.
  package enum Target: Hashable, Sendable {
    case file(Track.Format)
    /// Words to read; that these have no times, places and numbers is no loss.
    case transcript
  }

  /// One warning for each kind, at the first cue that has it; `lines` are the cues' lines in `file`, where there is one.
  package static func losses(
    writing cues: [Cue], as target: Target, file: String, lines: [Int] = []
  ) -> [Diagnostic] {
    var found: [Loss: (first: Int, count: Int)] = [:]
    // In TTML, where a cue stands depends on the cues beside it.
    let carried = target == .file(.ttml) ? TTML.carried(cues) : []
    for (index, cue) in cues.enumerated() {
      let lost = carried.isEmpty ? losses(of: cue, at: index, in: target) : losses(of: cue, carriedAs: carried[index])
      for loss in lost { found[loss, default: (index, 0)].count += 1 }
    }
    return allCases.compactMap { loss in
      guard let (first, count) = found[loss] else { return nil }
      let more = count == 1 ? "" : " and \(count - 1) more"
      return Diagnostic(
        .warning, "loss." + loss.rawValue, at: Place(file, line: lines.indices.contains(first) ? lines[first] : 0),
        "\(loss.message(target)) (cue \(first + 1)\(more))")
    }
  }

  /// What is lost of a cue that is read back as another.
  static func losses(of cue: Cue, carriedAs other: Cue) -> Set<Loss> {
    var losses: Set<Loss> = []
    if other.identifier != cue.identifier { losses.insert(.identifier) }
    if other.layer != cue.layer { losses.insert(.layer) }
    if other.settings != cue.settings { losses.insert(.position) }
    if cue.lines.joined().contains(where: { $0.ruby != nil }), !other.lines.joined().contains(where: { $0.ruby != nil })
    {
      losses.insert(.ruby)
    }
    return losses
  }

  /// What is lost of the cue that is written at `index`, in a format that looks at each cue by itself.
  static func losses(of cue: Cue, at index: Int, in target: Target) -> Set<Loss> {
    var losses: Set<Loss> = []
    let runs = cue.lines.joined().filter { !$0.text.isEmpty }
    let voices = Set(runs.map(\.voice))
    let hasVoices = voices.contains { $0 != nil }
    // Numbers are counted anew, so that a number in its place is not lost.
    let isNamed = cue.identifier.map { !$0.isEmpty && $0 != "\(index + 1)" } ?? false
    switch target {
    case .file(.webVTT): break
    case .file(.subRip):
      if !cue.settings.isEmpty { losses.insert(.position) }
      if hasVoices { losses.insert(.voice) }
    case .file(.ass):
      if ASSPlacement(written: cue.settings).settings != cue.settings { losses.insert(.position) }
      if hasVoices, cue.onlyVoice.map({ $0.contains(",") }) ?? true { losses.insert(.voice) }
      if [cue.start, cue.end].contains(where: { $0.milliseconds % 10 != 0 }) { losses.insert(.milliseconds) }
    case .file(.ttml): return TTML.carried([cue]).first.map { self.losses(of: cue, carriedAs: $0) } ?? []
    case .transcript:
      if voices.count > 1 { losses.insert(.voice) }
      if runs.contains(where: { !$0.style.isEmpty }) { losses.insert(.style) }
    }
    switch target {
    case .file(.subRip), .file(.ass): if isNamed { losses.insert(.identifier) }
    case .file(.webVTT), .file(.ttml), .transcript: break
    }
    switch target {
    case .file(.subRip), .file(.webVTT): if cue.layer != 0 { losses.insert(.layer) }
    case .file(.ass), .file(.ttml), .transcript: break
    }
    switch target {
    case .file(.subRip), .file(.ass), .transcript: if runs.contains(where: { $0.ruby != nil }) { losses.insert(.ruby) }
    case .file(.webVTT), .file(.ttml): break
    }
    return losses
  }

  private func message(_ target: Target) -> String {
    guard case .file(let format) = target else {
      return switch self {
      case .voice: "a transcript names only the first speaker of a cue"
      case .ruby: "a transcript leaves out ruby"
      default: "a transcript has no italics, bold and underlining"
      }
    }
    switch (self, format) {
    case (.identifier, _): return "\(format.name) has no names for cues; they are left out"
    case (.voice, .ass):
      return "\(format.name) has one speaker for each cue and no comma in a name; other names are left out or changed"
    case (.voice, _): return "\(format.name) does not say who speaks; the names are left out"
    case (.position, .ass), (.position, .ttml): return "\(format.name) holds the position only roughly"
    case (.position, _): return "\(format.name) has no positions; the text goes to the bottom centre"
    case (.layer, _): return "\(format.name) has no layers; the player decides what lies above"
    case (.ruby, _): return "\(format.name) has no ruby; it stands in brackets behind the text"
    case (.milliseconds, _): return "\(format.name) counts in hundredths of a second; times are rounded"
    case (.style, _): return "\(format.name) has no italics, bold and underlining"
    }
  }
}
