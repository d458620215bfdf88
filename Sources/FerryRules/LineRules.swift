internal import FerryCore
internal import FerryText

/// How a cue's text is laid out: length, number, balance and breaks of lines; blanks and ellipses.
enum LineRules {
  static func check(_ report: inout CheckReport) {
    let limits = lineLimits(report)
    for index in report.cues.indices where report.subjects[index].hasText {
      let lines = report.subjects[index].lines
      let halves = lines.map { report.profile.counting.halves(in: $0) }
      length(&report, index, halves, limits)
      if lines.count == 2 { balance(&report, index, lines, halves) }
      if lines.count > 1 { breaks(&report, index, lines) }
      PunctuationRules.check(&report, index, lines)
    }
  }

  /// A screen of 4:3 holds shorter lines; the profile's other limits shrink with the first.
  private static func lineLimits(_ report: CheckReport) -> [(severity: TextFinding.Severity, value: Double)] {
    let limits = report.profile.limits("text.cpl")
    guard let narrow = report.profile.narrowLine, let aspect = report.input.media?.displayAspect,
      aspect.denominator > 0, aspect.value < 1.5, let widest = limits.first?.value
    else { return limits }
    return limits.map { ($0.severity, $0.value * narrow / widest) }
  }

  private static func length(
    _ report: inout CheckReport, _ index: Int, _ halves: [Int],
    _ limits: [(severity: TextFinding.Severity, value: Double)]
  ) {
    let longest = Double(halves.max() ?? 0) / 2
    let rule = report.profile.counting.name
    if let (severity, limit) = limits.last(where: { longest > $0.value }) {
      report.add(
        "text.cpl", severity, cue: index, measure: .init(longest, limit: limit, "characters per line"),
        "a line has \(longest.short) characters, more than \(limit.short) (\(rule))",
        hint: "break the line, shorten the text, or split the cue")
    }
    let count = Double(halves.count)
    if let (severity, limit) = report.profile.passed("text.lines", { count > $0 }) {
      report.add(
        "text.lines", severity, cue: index, measure: .init(count, limit: limit, "lines"),
        "the cue has \(halves.count) lines, more than \(limit.short)", hint: "shorten the text, or split the cue")
    }
    let total = Double(halves.reduce(0, +)) / 2
    if let (severity, limit) = report.profile.passed("text.total", { total > $0 }) {
      report.add(
        "text.total", severity, cue: index, measure: .init(total, limit: limit, "characters"),
        "the cue has \(total.short) characters, more than \(limit.short) (\(rule))",
        hint: "shorten the text, or split the cue")
    }
  }

  private static func balance(_ report: inout CheckReport, _ index: Int, _ lines: [String], _ halves: [Int]) {
    guard report.profile.severity("text.balance") != nil else { return }
    // Two speakers have a line each, whatever its length.
    guard !lines.allSatisfy({ $0.hasPrefix("-") || $0.hasPrefix("–") }), halves.allSatisfy({ $0 > 0 }) else { return }
    let (short, long) = (min(halves[0], halves[1]), max(halves[0], halves[1]))
    let limit = report.profile.limits("text.cpl").first?.value ?? 42
    let joined = Double(short + long) / 2 + 1
    if joined <= limit {
      report.flag(
        "text.balance", cue: index, "the two lines would fit in one of \(joined.short) characters",
        hint: "write one line")
    } else if short * 2 < long {
      report.flag(
        "text.balance", cue: index,
        "one line has \((Double(short) / 2).short) characters and the other \((Double(long) / 2).short)",
        hint: "break the text nearer to its middle")
    }
  }

  private static func breaks(_ report: inout CheckReport, _ index: Int, _ lines: [String]) {
    guard report.profile.severity("text.break") != nil else { return }
    for (upper, lower) in zip(lines, lines.dropFirst()) {
      let (upper, lower) = (upper.trimmed, lower.trimmed)
      guard let last = upper.last, let first = lower.first else { continue }
      let problem =
        report.language.isWrittenInHan
        ? LineBreak.chinese(last, first)
        : report.language.language == "en" ? LineBreak.english(upper, lower, cue: lines) : nil
      guard let problem else { continue }
      return report.flag(
        "text.break", cue: index, problem, hint: "break after punctuation, or before the words that belong together")
    }
  }
}

/// Whether a line break splits what belongs together.
private enum LineBreak {
  static func chinese(_ last: Character, _ first: Character) -> String? {
    if cannotBegin.contains(first) { return "a line begins with '\(first)'" }
    if cannotEnd.contains(last) { return "a line ends with '\(last)'" }
    if last.isASCIIDigit, first.isASCIIDigit { return "the line break splits a number" }
    if last.isASCIIDigit, "%％℃°年月日个".contains(first) { return "the line break splits a number from its unit" }
    return nil
  }

  private static let cannotBegin = Set("，。、；：？！）》〉」』】〕…—·・％℃”’,.;:?!)%")
  private static let cannotEnd = Set("（《〈「『【〔“‘(")

  static func english(_ upper: Substring, _ lower: Substring, cue: [String]) -> String? {
    guard let word = upper.split(separator: " ").last, word.last?.isLetter == true,
      let next = lower.split(separator: " ").first
    else { return nil }
    let plain = word.lowercased()
    if articles.contains(plain) { return "the line break splits '\(word)' from its noun" }
    if prepositions.contains(plain) { return "the line break splits '\(word)' from what follows" }
    if auxiliaries.contains(plain), next.first?.isLetter == true {
      return "the line break splits '\(word)' from its verb"
    }
    if conjunctions.contains(plain) { return "a line ends with '\(word)'" }
    let isName = word.count > 1 && word.first?.isUppercase == true && next.count > 1 && next.first?.isUppercase == true
    guard isName, upper.split(separator: " ").count > 1 else { return nil }
    // Where every other word has a capital, capitals say nothing about names.
    let words = cue.flatMap { $0.split(separator: " ") }
    if words.count(where: { $0.first?.isUppercase == true }) * 2 <= words.count {
      return "the line break splits '\(word) \(next.filter { $0.isLetter })'"
    }
    return nil
  }

  private static let articles: Set = [
    "a", "an", "the", "my", "your", "his", "its", "our", "their", "every", "each", "no",
  ]
  private static let prepositions: Set = [
    "of", "to", "in", "on", "at", "for", "with", "from", "by", "into", "onto", "than", "as", "per", "via", "between",
    "among", "during", "without", "within", "upon", "towards", "against", "about", "until", "under", "very", "not",
  ]
  private static let auxiliaries: Set = [
    "is", "are", "was", "were", "be", "been", "am", "do", "does", "did", "has", "have", "had", "will", "would", "shall",
    "should", "can", "could", "may", "might", "must", "cannot",
  ]
  private static let conjunctions: Set = ["and", "or", "but", "because", "that", "which", "who", "when", "if", "so"]
}

/// Blanks and punctuation marks within a line.
private enum PunctuationRules {
  static func check(_ report: inout CheckReport, _ index: Int, _ lines: [String]) {
    let isChinese = report.language.isChinese
    if report.profile.severity("text.space") != nil {
      for line in lines {
        guard let problem = isChinese ? chinese(line) : spacing(line, report.language) else { continue }
        report.flag("text.space", cue: index, problem.message, hint: problem.hint)
        break
      }
    }
    let dots = isChinese ? ["...", "。。", "・・・", "．．．"] : ["...", ". . ."]
    if report.profile.severity("text.ellipsis") != nil,
      let found = dots.first(where: { dots in lines.contains { $0.hasBytes(dots) } })
    {
      report.flag(
        "text.ellipsis", cue: index, "the cue has '\(found)' for an ellipsis",
        hint: isChinese ? "write '……'" : "write '…' (U+2026)")
    }
  }

  private static func spacing(_ line: String, _ language: LanguageTag) -> (message: String, hint: String)? {
    if let outside = atEnds(line) { return outside }
    if line.hasBytes("  ") { return ("the cue has two blanks in a row", "leave one") }
    if line.hasBytes("\t") { return ("the cue has a tab", "write a blank") }
    guard language.language == "en", [" !", " ?", " .", " ,", " ;", " :", " )"].contains(where: line.hasBytes) else {
      return nil
    }
    let characters = Array(line)
    for (index, character) in characters.enumerated() where index > 0 && characters[index - 1] == " " {
      guard "!?.,;:)".contains(character) else { continue }
      // `.NET`, ` .5`, ` …`, ` :-)` and ` ...` are written so.
      let next = index + 1 < characters.count ? characters[index + 1] : " "
      if character != ")", next != " ", !next.isPunctuation || ".-:".contains(next) { continue }
      return ("the cue has a blank before '\(character)'", "remove the blank")
    }
    return nil
  }

  private static func atEnds(_ line: String) -> (message: String, hint: String)? {
    guard let first = line.first, let last = line.last else { return nil }
    // A line of blanks alone is a matter of `fmt.arrow`.
    guard first.isWhitespace || last.isWhitespace, line.contains(where: { !$0.isWhitespace }) else { return nil }
    return ("a line \(first.isWhitespace ? "begins" : "ends") with a blank", "remove it")
  }

  private static func chinese(_ line: String) -> (message: String, hint: String)? {
    if let outside = atEnds(line) { return outside }
    // One or two blanks stand for a comma in Chinese subtitles.
    if line.hasBytes("   ") { return ("the cue has three blanks in a row", "leave one") }
    guard line.utf8.contains(where: { $0 < 0x40 && $0 > 0x20 }) else { return nil }
    let characters = Array(line)
    for (index, character) in characters.enumerated() where ",?!;:().".contains(character) {
      let before = index > 0 ? characters[index - 1] : " "
      let after = index + 1 < characters.count ? characters[index + 1] : " "
      if character == ".", before == "." || after == "." || !before.isHan { continue }
      guard before.isHan || after.isHan else { continue }
      // A list number, `1.洗手`, and a Latin term in brackets are no Chinese sentence.
      if character == ")" && before.isASCII || character == "(" && after.isASCII || character == ":" && before.isASCII {
        continue
      }
      return ("the cue has a half-width '\(character)' beside Chinese", "write the full-width mark")
    }
    return nil
  }
}

extension Character {
  /// Whether it is a Chinese character.
  var isHan: Bool { unicodeScalars.first.map(\.isHan) ?? false }
  var isASCIIDigit: Bool { asciiValue.map { (0x30...0x39).contains($0) } ?? false }
}

extension String {
  /// Whether it contains the bytes of another text; much faster than a search by characters.
  func hasBytes(_ text: String) -> Bool {
    guard let first = text.utf8.first else { return true }
    var rest = utf8[...]
    while let place = rest.firstIndex(of: first) {
      rest = rest[place...]
      if rest.starts(with: text.utf8) { return true }
      rest = rest.dropFirst()
    }
    return false
  }

  /// Whether any character of it may be a Chinese one, by the first byte of its encoding.
  var mayHaveHan: Bool { utf8.contains { $0 >= 0xE2 } }

  /// Without blanks at its ends.
  var trimmed: Substring {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return self[first...last]
  }
}
