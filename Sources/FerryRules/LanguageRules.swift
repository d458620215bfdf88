internal import FerryCore
internal import FerryText

/// Whether a track is in the language and script that it is said to be in.
enum LanguageRules {
  static func check(_ report: inout CheckReport) {
    let census = ScriptCensus(report.subjects)
    tag(&report, census)
    if report.language.isChinese {
      chinese(&report, census)
    } else if !report.language.isWrittenInHan {
      untranslated(&report)
      fullWidth(&report)
    }
  }

  private static func tag(_ report: inout CheckReport, _ census: ScriptCensus) {
    let language = report.language
    if let registered = language.registered {
      report.flag("lang.tag", "'\(language)' is no BCP 47 tag of a language", hint: "write '\(registered)'")
    }
    // A few cues prove nothing: they may quote.
    guard census.cues >= 3 else { return }
    func say(_ what: String) {
      report.flag(
        "lang.tag", "the track is said to be '\(language)', but \(what)",
        hint: "correct the language, or give the right file")
    }
    if language.isChinese {
      if census.kana * 10 >= census.cues * 3 { return say("it is written in Japanese") }
      if census.hangul * 2 >= census.cues { return say("it is written in Korean") }
      if census.han == 0 { return say("it has no Chinese character") }
      let (simplified, traditional) = (census.simplified, census.traditional)
      if language.script == "Hans", traditional >= 10, traditional > simplified * 5 {
        say("it is written in traditional characters")
      } else if language.script == "Hant", simplified >= 10, simplified > traditional * 5 {
        say("it is written in simplified characters")
      }
    } else if !language.isWrittenInHan {
      if census.mostlyHan * 2 >= census.cues { return say("it is written in Chinese") }
      if latin.contains(language.language), census.latin * 2 < census.cues { say("it is not in Latin letters") }
    }
  }

  /// Languages that are written in Latin letters and in no others.
  private static let latin: Set = [
    "en", "fr", "de", "es", "it", "pt", "nl", "pl", "cs", "sk", "sv", "da", "fi", "no", "hu", "ro", "tr", "id", "ms",
    "vi", "sw",
  ]

  private static func untranslated(_ report: inout CheckReport) {
    guard report.profile.severity("lang.han_in_en") != nil else { return }
    let allowed = (report.input.glossary?.entries ?? []).flatMap { [$0.term, $0.translation] }
      .filter { $0.unicodeScalars.contains(where: \.isHan) }
    let terms = TermIndex(allowed)
    for index in report.cues.indices where report.subjects[index].hasText {
      let lines = report.subjects[index].lines
      guard lines.contains(where: { $0.mayHaveHan && $0.unicodeScalars.contains(where: \.isHan) }) else { continue }
      let inLines = lines.map { hasChinese($0, except: terms) }
      guard inLines.contains(true) else { continue }
      let isBilingual =
        zip(lines, inLines).contains { $1 && !hasWords($0) } && zip(lines, inLines).contains { !$1 && hasWords($0) }
      if isBilingual {
        report.flag(
          "lang.han_in_en", cue: index,
          "the cue is bilingual: a Chinese line and one of the '\(report.language)' track",
          hint: "deliver one language in a track: split the file in two")
      } else {
        report.flag(
          "lang.han_in_en", cue: index, "the cue of the '\(report.language)' track has Chinese characters",
          hint: "translate what is left; a Chinese word that is meant goes in 「」 or in the glossary")
      }
    }
  }

  /// Whether a line has Han characters outside 「」 and apart from `terms`.
  private static func hasChinese(_ line: String, except terms: TermIndex) -> Bool {
    let scalars = Array(line.unicodeScalars)
    var index = 0
    while index < scalars.count {
      if scalars[index] == "「", let close = scalars[index...].firstIndex(of: "」") {
        index = close + 1
      } else if let term = terms.longest(in: scalars, at: index) {
        index += term.length
      } else {
        if scalars[index].isHan { return true }
        index += 1
      }
    }
    return false
  }

  /// An address or a line of a program is the same in every language.
  private static func looksLikeSentence(_ text: String) -> Bool {
    let first = text.unicodeScalars.first { $0.properties.isAlphabetic }
    return first?.properties.isUppercase == true && !text.contains { "=(){}[]<>;_/\\".contains($0) }
  }

  private static func hasWords(_ line: String) -> Bool { latinWords(line) > 0 }

  private static func latinWords(_ line: String) -> Int {
    line.split(whereSeparator: \.isWhitespace).count { word in
      word.unicodeScalars.contains { $0.properties.isAlphabetic && !$0.isHan && $0.value < 0x2E80 }
    }
  }

  private static func fullWidth(_ report: inout CheckReport) {
    guard report.profile.severity("lang.fullwidth") != nil else { return }
    for index in report.cues.indices {
      let found = report.subjects[index].lines.lazy.compactMap { line -> Unicode.Scalar? in
        guard line.utf8.contains(where: { $0 == 0xE3 || $0 == 0xEF }) else { return nil }
        // What stands in 「」 is Chinese and may look like it.
        var depth = 0
        for scalar in line.unicodeScalars {
          if scalar == "「" { depth += 1 }
          if scalar == "」" { depth = max(0, depth - 1) }
          guard depth == 0, scalar != "「", scalar != "」" else { continue }
          if (0xFF01...0xFF5E).contains(scalar.value) || (0x3000...0x3003).contains(scalar.value)
            || (0x3008...0x301F).contains(scalar.value)
          {
            return scalar
          }
        }
        return nil
      }.first
      if let found {
        let shown = found == "\u{3000}" ? CharacterRules.name(of: found) : "'\(found)'"
        report.flag(
          "lang.fullwidth", cue: index, "the cue has a full-width \(shown)", hint: "write the half-width character")
      }
    }
  }

  private static func chinese(_ report: inout CheckReport, _ census: ScriptCensus) {
    let script = report.language.script
    let isMixed = census.simplified > 0 && census.traditional > 0
    let wantsSimplified = script == "Hans" || script == nil && census.simplified >= census.traditional
    for index in report.cues.indices where report.subjects[index].hasText {
      let lines = report.subjects[index].lines
      if script != nil || isMixed, report.profile.severity("lang.trad") != nil {
        let isWrong = wantsSimplified ? HanForms.isTraditionalOnly : HanForms.isSimplifiedOnly
        if let scalar = lines.lazy.compactMap({ $0.unicodeScalars.first(where: isWrong) }).first {
          report.flag(
            "lang.trad", cue: index,
            "the cue has the \(wantsSimplified ? "traditional" : "simplified") character '\(scalar)'",
            hint: "write it as the rest of the track")
        }
      }
      if !lines.contains(where: { $0.unicodeScalars.contains(where: \.isHan) }),
        lines.reduce(0, { $0 + latinWords($1) }) >= 3, looksLikeSentence(lines.joined(separator: " "))
      {
        report.flag(
          "lang.latin_in_zh", cue: index, "the whole cue is in Latin letters",
          hint: "check that it is meant to stand in the Chinese track")
      }
    }
  }
}

/// How many cues of a track are in which script.
private struct ScriptCensus {
  /// Cues with letters of any script.
  var cues = 0
  var han = 0
  var mostlyHan = 0
  var kana = 0
  var hangul = 0
  var latin = 0
  /// Characters, not cues, that only one of the Chinese scripts has.
  var simplified = 0
  var traditional = 0

  init(_ subjects: [CueSubject]) {
    for subject in subjects { add(subject.lines) }
  }

  private mutating func add(_ lines: [String]) {
    var counts = (han: 0, kana: 0, hangul: 0, latin: 0, other: 0)
    for line in lines {
      for scalar in line.unicodeScalars {
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F: counts.latin += 1
        case ..<0xC0: break
        case 0x3041...0x30FA, 0x30FC...0x30FF: counts.kana += 1
        case 0xAC00...0xD7A3: counts.hangul += 1
        case _ where scalar.isHan:
          counts.han += 1
          if HanForms.isSimplifiedOnly(scalar) { simplified += 1 }
          if HanForms.isTraditionalOnly(scalar) { traditional += 1 }
        default: if scalar.properties.isAlphabetic { counts.other += 1 }
        }
      }
    }
    let others = counts.kana + counts.hangul + counts.latin + counts.other
    guard counts.han + others > 0 else { return }
    cues += 1
    if counts.han > 0 { han += 1 }
    if counts.han > others { mostlyHan += 1 }
    if counts.kana > 0 { kana += 1 }
    if counts.hangul > 0 { hangul += 1 }
    if counts.latin * 2 > counts.han + others { latin += 1 }
  }
}
