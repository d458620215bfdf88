internal import FerryCore

/// Whether a translation keeps what is not words: emphasis, questions, brackets, and the same words for the same.
enum ContentRules {
  static func check(_ report: inout CheckReport, _ pair: SourcePair) {
    for group in pair.pairing.groups {
      emphasis(&report, pair, group)
      endings(&report, pair, group)
    }
    consistency(&report, pair)
    brackets(&report)
  }

  private static func emphasis(_ report: inout CheckReport, _ pair: SourcePair, _ group: Pairing.Group) {
    guard report.profile.severity("tr.tags") != nil, let first = group.track.first,
      group.source.contains(where: { isItalic(pair.source.cues[$0]) }),
      !group.track.contains(where: { isItalic(report.cues[$0]) })
    else { return }
    report.flag(
      "tr.tags", cue: first, "the source has italics here and the cue has none", hint: "emphasise the same words")
  }

  private static func isItalic(_ cue: Cue) -> Bool { cue.lines.contains { $0.contains { $0.style.contains(.italic) } } }

  private static func endings(_ report: inout CheckReport, _ pair: SourcePair, _ group: Pairing.Group) {
    guard report.profile.severity("tr.punct") != nil, let last = group.track.last, let lastSource = group.source.last,
      let ending = pair.subjects[lastSource].lines.last?.trimmed.last
    else { return }
    // A Chinese subtitle may leave out the mark at its end; one that has it means it.
    for (name, marks) in [("question", "?？؟"), ("exclamation", "!！")] where marks.contains(ending) {
      let allowed = name == "question" ? marks : marks + "?？.。…"
      guard !group.track.contains(where: { report.subjects[$0].text.contains(where: allowed.contains) }) else {
        continue
      }
      report.flag(
        "tr.punct", cue: last, "the source ends with '\(ending)' and the cue has no \(name) mark",
        hint: "check that it is still \(name == "question" ? "a question" : "an exclamation")")
    }
  }

  private static func consistency(_ report: inout CheckReport, _ pair: SourcePair) {
    guard report.profile.severity("tr.inconsistent") != nil else { return }
    var translations: [String: (words: String, cue: Int)] = [:]
    var sources: [String: (words: String, cue: Int, source: Int)] = [:]
    for group in pair.pairing.groups where group.source.count == 1 && group.track.count == 1 {
      let (index, source) = (group.track[0], group.source[0])
      let original = bare(pair.subjects[source].text)
      let words = bare(report.subjects[index].text)
      guard original.count > 1, words.count > 1 else { continue }
      if let first = translations[original] {
        if first.words != words {
          let text = TextFinding.excerpt(of: report.cues[first.cue].text)
          report.flag(
            "tr.inconsistent", cue: index,
            "the same source text is translated as '\(text)' in \(CheckReport.name(of: first.cue))",
            hint: "use one translation, unless the meaning differs")
        }
      } else {
        translations[original] = (words, index)
      }
      if let first = sources[words] {
        if first.words != original {
          let text = TextFinding.excerpt(of: pair.source.cues[first.source].text)
          report.flag(
            "tr.inconsistent", cue: index,
            "\(CheckReport.name(of: first.cue)) translates another source text, '\(text)', with the same words",
            hint: "check that the cue was not translated by copying")
        }
      } else {
        sources[words] = (original, index, source)
      }
    }
  }

  /// A text without case, blanks and punctuation.
  private static func bare(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }

  /// Quotation marks and brackets that stay open over more cues than a sentence has.
  private static func brackets(_ report: inout CheckReport) {
    guard report.profile.severity("tr.punct") != nil else { return }
    let closing: [Unicode.Scalar: Unicode.Scalar] = [
      "(": ")", "[": "]", "{": "}", "“": "”", "«": "»", "「": "」", "『": "』", "《": "》", "（": "）", "【": "】",
    ]
    let opening = Dictionary(uniqueKeysWithValues: closing.map { ($0.value, $0.key) })
    var open: [(mark: Unicode.Scalar, cue: Int)] = []
    let all = report.subjects
    for index in report.cues.indices {
      while let oldest = open.first, index - oldest.cue > 5 {
        tellOpen(&report, oldest.mark, oldest.cue)
        open.removeFirst()
      }
      for character in all[index].lines.joined(separator: " ").unicodeScalars where !character.isASCIILetter {
        if closing[character] != nil {
          open.append((character, index))
        } else if let wanted = opening[character] {
          if let place = open.lastIndex(where: { $0.mark == wanted }) {
            open.remove(at: place)
          } else if !isSmileyOrList(character, all[index].text) {
            report.flag(
              "tr.punct", cue: index, "the cue closes '\(character)', which no cue before opens",
              hint: "open it, or remove it")
          }
        }
        // A text of brackets only must not make this slow.
        if open.count > 20 { open.removeFirst() }
      }
    }
    for mark in open { tellOpen(&report, mark.mark, mark.cue) }
  }

  private static func tellOpen(_ report: inout CheckReport, _ mark: Unicode.Scalar, _ cue: Int) {
    report.flag("tr.punct", cue: cue, "the cue opens '\(mark)', which is not closed", hint: "close it, or remove it")
  }

  /// `a)` and `1)` begin the lines of a list.
  private static func isSmileyOrList(_ mark: Unicode.Scalar, _ text: String) -> Bool {
    guard mark == ")" || mark == "）" else { return false }
    if text.contains(":)") || text.contains(":-)") { return true }
    for line in text.split(separator: "\n") {
      let head = String(line).trimmed.prefix { $0 != Character(mark) }
      if head.count <= 2, head.allSatisfy({ $0.isLetter || $0.isNumber }) { return true }
    }
    return false
  }
}
