package import FerryCore
internal import FerryText

/// Cues as the text of a file of any kind.
package enum TextWriter {
  package static func text(of cues: [Cue], as kind: Profile.TextFile, language: LanguageTag) -> String {
    switch kind {
    case .webVTT: WebVTT.text(of: cues)
    case .subRip: SubRip.text(of: cues)
    case .ass: ASS.text(of: cues)
    case .ttml: TTML.text(of: cues, language: language)
    case .transcript: Transcript.text(of: cues)
    }
  }

  /// What a file of this kind cannot hold of the cues, once for each kind of loss.
  package static func losses(
    of cues: [Cue], as kind: Profile.TextFile, file: String, lines: [Int]
  ) -> [Diagnostic] {
    let target: Loss.Target =
      switch kind {
      case .webVTT: .file(.webVTT)
      case .subRip: .file(.subRip)
      case .ass: .file(.ass)
      case .ttml: .file(.ttml)
      case .transcript: .transcript
      }
    return Loss.losses(writing: cues, as: target, file: file, lines: lines)
  }
}
