internal import FerryText

/// Terms as a tree of their characters, so that a text is searched once for all of them.
struct TermIndex {
  private struct Step: Hashable {
    var from: Int
    var scalar: Unicode.Scalar
  }

  private var steps: [Step: Int] = [:]
  /// For each node of the tree, the term that ends there.
  private var terms: [Int?] = [nil]

  /// Letter case means nothing; of equal terms the first counts.
  init(_ texts: [String]) {
    for (number, text) in texts.enumerated() where !text.isEmpty {
      var node = 0
      for scalar in text.lowercased().unicodeScalars {
        let step = Step(from: node, scalar: scalar)
        node = steps[step] ?? terms.count
        steps[step] = node
        if node == terms.count { terms.append(nil) }
      }
      terms[node] = terms[node] ?? number
    }
  }

  /// The longest term that begins at `index` of a text in lower case; one in letters only where a word begins.
  func longest(in text: [Unicode.Scalar], at index: Int) -> (number: Int, length: Int)? {
    guard !steps.isEmpty else { return nil }
    var found: (number: Int, length: Int)?
    var node = 0
    var end = index
    while end < text.count, let next = steps[Step(from: node, scalar: text[end])] {
      node = next
      end += 1
      if let term = terms[node], TermIndex.isWhole(text, index, end - index) { found = (term, end - index) }
    }
    return found
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
    isASCII ? isPlainDigit || isASCIILetter : properties.isAlphabetic && !isHan && !(0x2E80...0xD7FF).contains(value)
  }
}
