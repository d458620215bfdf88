internal import FerryCore

/// Whether terms and names are translated as the glossary says.
enum GlossaryRules {
  static func check(_ report: inout CheckReport, _ pair: SourcePair) {
    guard let glossary = report.input.glossary, !glossary.entries.isEmpty else { return }
    let terms = Terms(glossary)
    for group in pair.pairing.groups {
      let found = terms.found(in: pair.text(group))
      guard !found.isEmpty, let first = group.track.first else { continue }
      let own = scalars(group.track, report)
      let near = scalars(pair.pairing.withNeighbours(group), report)
      for entries in found { check(&report, entries, first, own, near) }
    }
  }

  private static func scalars(_ cues: [Int], _ report: CheckReport) -> [Unicode.Scalar] {
    let text = cues.map { report.subjects[$0].lines.joined(separator: " ") }.joined(separator: " ")
    return Array(text.lowercased().unicodeScalars)
  }

  private static func check(
    _ report: inout CheckReport, _ entries: [Glossary.Entry], _ cue: Int, _ own: [Unicode.Scalar],
    _ near: [Unicode.Scalar]
  ) {
    var isRuledOut = false
    for entry in entries where entry.rule == .never && isSaid(entry.translation, in: own) {
      isRuledOut = true
      let better = entries.first { $0.rule != .never }.map { "write '\($0.translation)'" } ?? "use another word"
      report.add(
        rule(of: entry), .error, cue: cue,
        "'\(entry.term)' is translated as '\(entry.translation)', which is ruled out",
        hint: better)
    }
    let wanted = entries.filter { $0.rule != .never }
    guard !isRuledOut, let first = wanted.first, !wanted.contains(where: { isSaid($0.translation, in: near) }) else {
      return
    }
    let isRequired = wanted.contains { $0.rule == .must }
    guard let severity = isRequired ? .error : report.profile.severity(rule(of: first)) else { return }
    let choice = wanted.map { "'\($0.translation)'" }.joined(separator: " or ")
    report.add(
      rule(of: first), severity, cue: cue,
      "the source says '\(first.term)', and the translation does not have \(choice)",
      hint: "use the word of the glossary")
  }

  private static func rule(of entry: Glossary.Entry) -> String { entry.isName ? "tr.name" : "tr.glossary" }

  private static func isSaid(_ translation: String, in text: [Unicode.Scalar]) -> Bool {
    let wanted = Array(translation.lowercased().unicodeScalars)
    guard let first = wanted.first else { return true }
    return text.indices.contains { index in
      text[index] == first && text[index...].starts(with: wanted) && TermIndex.isWhole(text, index, wanted.count)
    }
  }

  /// The glossary's entries, together where they have the same term.
  private struct Terms {
    private let entries: [[Glossary.Entry]]
    private let index: TermIndex

    init(_ glossary: Glossary) {
      var numbers: [String: Int] = [:]
      var entries: [[Glossary.Entry]] = []
      var names: [String] = []
      for entry in glossary.entries {
        if let number = numbers[entry.term] {
          entries[number].append(entry)
        } else {
          numbers[entry.term] = entries.count
          names.append(entry.term)
          entries.append([entry])
        }
      }
      self.entries = entries
      index = TermIndex(names)
    }

    /// What the glossary says of the terms of a text; a term within a longer one is not meant.
    func found(in text: String) -> [[Glossary.Entry]] {
      let scalars = Array(text.lowercased().unicodeScalars)
      var found: [Int] = []
      var place = 0
      while place < scalars.count {
        guard let term = index.longest(in: scalars, at: place) else {
          place += 1
          continue
        }
        if !found.contains(term.number) { found.append(term.number) }
        place += term.length
      }
      return found.map { entries[$0] }
    }
  }
}
