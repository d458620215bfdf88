/// Terms by their first character, so that a text is searched once for all of them.
struct TermIndex {
  private struct Term {
    var scalars: [Unicode.Scalar]
    var number: Int
  }

  private var terms: [Unicode.Scalar: [Term]] = [:]

  /// Letter case means nothing.
  init(_ texts: [String]) {
    for (number, text) in texts.enumerated() {
      let scalars = Array(text.lowercased().unicodeScalars)
      guard let first = scalars.first else { continue }
      terms[first, default: []].append(Term(scalars: scalars, number: number))
    }
    for first in terms.keys { terms[first]?.sort { ($1.scalars.count, $0.number) < ($0.scalars.count, $1.number) } }
  }

  var isEmpty: Bool { terms.isEmpty }

  /// The longest term that begins at `index` of a text in lower case; one in Latin letters only where a word begins.
  func longest(in text: [Unicode.Scalar], at index: Int) -> (number: Int, length: Int)? {
    guard let candidates = terms[text[index]] else { return nil }
    let found = candidates.first { term in
      text[index...].starts(with: term.scalars) && TermIndex.isWhole(text, index, term.scalars.count)
    }
    return found.map { ($0.number, $0.scalars.count) }
  }

  /// Whether a word in letters begins and, but for an inflection, ends there; Chinese has no such borders.
  static func isWhole(_ text: [Unicode.Scalar], _ start: Int, _ length: Int) -> Bool {
    if text[start].isWordLetter, start > 0, text[start - 1].isWordLetter { return false }
    let end = start + length
    guard text[end - 1].isWordLetter, end < text.count, text[end].isWordLetter else { return true }
    let ending = String(String.UnicodeScalarView(text[end...].prefix(while: \.isWordLetter)))
    return ["s", "es", "d", "ed", "ing", "r", "er", "ers", "ly"].contains(ending)
  }
}

extension Unicode.Scalar {
  /// A letter of a script that puts blanks between words, or a digit.
  fileprivate var isWordLetter: Bool {
    isPlainDigit || properties.isAlphabetic && !isHan && !(0x2E80...0xD7FF).contains(value)
  }
}
