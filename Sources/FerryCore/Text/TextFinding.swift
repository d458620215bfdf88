/// Where a rule comes from, so that a person can look it up and argue with it.
package struct RuleSource: Hashable, Sendable, Codable {
  package var name: String
  package var url: String

  package init(_ name: String, _ url: String) {
    self.name = name
    self.url = url
  }
}

/// One thing about a track that a rule found: where, what was measured against which limit, and what to do.
package struct TextFinding: Hashable, Sendable, Codable {
  package enum Severity: String, Hashable, Sendable, Codable, Comparable, CaseIterable {
    case info
    case warning
    /// Holds the title unless a waiver says otherwise.
    case error

    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

    private var rank: Int {
      switch self {
      case .info: 0
      case .warning: 1
      case .error: 2
      }
    }
  }

  /// A measured value beside the limit it is held against.
  package struct Measure: Hashable, Sendable, Codable {
    package var value: Double
    package var limit: Double
    package var unit: String

    package init(_ value: Double, limit: Double, _ unit: String) {
      self.value = value
      self.limit = limit
      self.unit = unit
    }
  }

  /// The cue that a finding is about.
  package struct CuePlace: Hashable, Sendable, Codable {
    /// Counted from 1 in the order of the file.
    package var number: Int
    package var identifier: String?
    package var start: CueTime
    package var end: CueTime
    /// At most 40 characters, on one line, with nothing that a terminal would obey.
    package var excerpt: String

    package init(number: Int, of cue: Cue) {
      self.number = number
      identifier = cue.identifier
      start = cue.start
      end = cue.end
      excerpt = TextFinding.excerpt(of: cue.text)
    }
  }

  package var rule: String
  package var severity: Severity
  /// The name of the profile whose limit it is.
  package var profile: String
  package var file: String
  /// The line of the file that says the cue's times; 0 means the file as a whole.
  package var line: Int
  package var cue: CuePlace?
  package var measure: Measure?
  package var message: String
  package var hint: String?
  package var source: RuleSource

  package init(
    rule: String, severity: Severity, profile: String, file: String, line: Int, cue: CuePlace?, measure: Measure?,
    message: String, hint: String?, source: RuleSource
  ) {
    self.rule = rule
    self.severity = severity
    self.profile = profile
    self.file = file
    self.line = line
    self.cue = cue
    self.measure = measure
    self.message = message
    self.hint = hint
    self.source = source
  }

  package var place: Place { Place(file, line: line) }

  /// A text in at most 40 characters on one line; what is invisible is left out or becomes U+FFFD.
  package static func excerpt(of text: String) -> String {
    var line = ""
    var count = 0
    // One line may be ten MiB long: look at no more of it than is shown.
    for character in text.prefix(200) {
      let isBlank = character.isWhitespace
      if !isBlank && !isUnsafe(character) && character.isInvisible { continue }
      if isBlank && (line.isEmpty || line.hasSuffix(" ")) { continue }
      guard count < 40 else { return line.prefix(39) + "…" }
      line.append(isBlank ? " " : isUnsafe(character) ? "\u{FFFD}" : character)
      count += 1
    }
    return line.hasSuffix(" ") ? String(line.dropLast()) : line
  }

  private static func isUnsafe(_ character: Character) -> Bool {
    if character.isASCII { return character.asciiValue.map { $0 < 0x20 || $0 == 0x7F } ?? false }
    return character.unicodeScalars.contains {
      [.control, .privateUse, .unassigned].contains($0.properties.generalCategory) || $0.properties.isBidiControl
    }
  }
}

extension TextFinding: CustomStringConvertible {
  /// Everything that is known about the finding, over several lines.
  package var description: String {
    var lines = ["\(place): \(severity.rawValue): \(message) [\(rule)]"]
    if let cue {
      let name = cue.identifier.map { " (\($0))" } ?? ""
      lines.append("  cue \(cue.number)\(name), \(cue.start.clock) to \(cue.end.clock): '\(cue.excerpt)'")
    }
    if let measure {
      lines.append("  measured \(measure.value.short), limit \(measure.limit.short) \(measure.unit)")
    }
    if let hint { lines.append("  hint: \(hint)") }
    lines.append("  by \(profile), from \(source.name): \(source.url)")
    return lines.joined(separator: "\n")
  }
}

extension TextFinding {
  /// The finding as `ferry check` tells it; an info is no diagnostic.
  package var diagnostic: Diagnostic? {
    let known: Diagnostic.Severity
    switch severity {
    case .info: return nil
    case .warning: known = .warning
    case .error: known = .error
    }
    let text = cue.map { $0.excerpt.isEmpty ? message : "\(message): '\($0.excerpt)'" } ?? message
    return Diagnostic(known, rule, at: place, text, hint: hint)
  }
}

/// What is told together.
private struct FindingKind: Hashable {
  var file: String
  var rule: String
  var severity: TextFinding.Severity
  var hint: String?
}

extension [TextFinding] {
  /// One diagnostic for each rule, severity and remedy, at the first of its places and with the count of the others.
  package func diagnostics() -> [Diagnostic] {
    var order: [FindingKind] = []
    var found: [FindingKind: (first: TextFinding, others: [TextFinding], count: Int)] = [:]
    for finding in self {
      let kind = FindingKind(file: finding.file, rule: finding.rule, severity: finding.severity, hint: finding.hint)
      if found[kind] == nil {
        order.append(kind)
        found[kind] = (finding, [], 1)
      } else {
        found[kind]?.count += 1
        if found[kind]?.others.count ?? 0 < 4 { found[kind]?.others.append(finding) }
      }
    }
    return order.compactMap { kind -> Diagnostic? in
      guard let (first, others, count) = found[kind], var diagnostic = first.diagnostic else { return nil }
      if count > 1 {
        let hasLines = first.line > 0
        var places: [String] = []
        for other in others {
          let place = String(hasLines ? other.line : other.cue?.number ?? 0)
          if place != "0", !places.contains(place) { places.append(place) }
        }
        let plural = places.count == 1 ? "" : "s"
        let cut = count - 1 > others.count ? ", …" : ""
        let list =
          places.isEmpty ? "" : ": \(hasLines ? "line" : "cue")\(plural) \(places.joined(separator: ", "))\(cut)"
        diagnostic.message += " (and \(count - 1) more\(list))"
      }
      // The name that a waiver needs.
      diagnostic.message += " [\(first.rule)]"
      return diagnostic
    }
  }
}
