/// How the length of a text is counted for lines and reading speed; tools differ here, so every finding names the rule.
package enum CountingRule: String, Hashable, Sendable, Codable {
  /// One for each character that a reader sees, blanks and punctuation too.
  case graphemes
  /// One for a Chinese character or its punctuation, a half for Latin letters, digits and blanks.
  case eastAsianWidth = "east-asian-width"

  /// The length in halves, so that the arithmetic stays exact; line breaks count nothing.
  package func halves(in text: some StringProtocol) -> Int {
    // Most lines of an English track are plain, and then bytes are characters.
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
      return self == .graphemes ? 2 * text.utf8.count : text.utf8.count
    }
    return switch self {
    case .graphemes: 2 * text.count { !$0.isInvisible }
    case .eastAsianWidth: text.reduce(0) { $0 + ($1.unicodeScalars.map(\.halfWidths).max() ?? 0) }
    }
  }

  package func count(_ text: some StringProtocol) -> Double { Double(halves(in: text)) / 2 }

  /// The rule's name in messages.
  package var name: String {
    switch self {
    case .graphemes: "each visible character is 1"
    case .eastAsianWidth: "full-width 1, half-width 0.5"
    }
  }
}

extension Character {
  /// Whether it takes no room: a line break, a control, a lone mark or format character.
  package var isInvisible: Bool {
    if let ascii = asciiValue { return ascii < 0x20 || ascii == 0x7F }
    return unicodeScalars.allSatisfy { $0.value > 0x7F && $0.halfWidths == 0 }
  }
}
