internal import FerryCore

/// What stands between `<` and `>` or `{` and `}` in SubRip text, as far as SubRip gives it a meaning.
enum SubRipMarkup {
  /// U+2060, an invisible character of no width. The writer puts it behind a `<`, a `{` or a `--` that would otherwise
  /// mean something, so that any player shows the text as it is; the reader takes it out again.
  static let joiner: [UInt8] = [0xE2, 0x81, 0xA0]

  enum Token {
    case open(Run.Style)
    case close(Run.Style)
    /// Font tags and overrides other than italic, bold and underline.
    case dropped(Repair)
  }

  /// The token that begins at `index`, and where it ends; `nil` when the byte there is just text.
  static func token(_ text: [UInt8], at index: Int, before end: Int) -> (Token, end: Int)? {
    guard text[index] == UInt8(ascii: "<") else { return override(text, at: index, before: end) }
    if let (style, isClosing, end) = Run.Style.tag(text, at: index, before: end) {
      return (isClosing ? .close(style) : .open(style), end)
    }
    return tag(text, at: index, before: end)
  }

  private static func tag(_ text: [UInt8], at index: Int, before end: Int) -> (Token, end: Int)? {
    guard let (close, inner) = enclosed(text, at: index, before: end, by: UInt8(ascii: ">")) else { return nil }
    let isClosing = inner.first == UInt8(ascii: "/")
    let name = isClosing ? inner.dropFirst() : inner
    if name.count == 1, let letter = name.first, let style = Run.Style(tag: letter | 0x20) {
      return (isClosing ? .close(style) : .open(style), close)
    }
    let isFont = name.prefix { $0 != 0x20 }.elementsEqual("font".utf8) { $0 | 0x20 == $1 }
    return isFont ? (.dropped(.font), close) : nil
  }

  /// `{\an8}` and its kin, which came to SubRip from another format.
  private static func override(_ text: [UInt8], at index: Int, before end: Int) -> (Token, end: Int)? {
    guard let (close, inner) = enclosed(text, at: index, before: end, by: UInt8(ascii: "}")),
      inner.count >= 2, inner.first == UInt8(ascii: "\\"), inner[inner.startIndex + 1].isASCIILetter
    else { return nil }
    let code = Array(inner.dropFirst())
    if code.count == 2, let style = Run.Style(tag: code[0]), code[1] == 0x30 || code[1] == 0x31 {
      return (code[1] == 0x31 ? .open(style) : .close(style), close)
    }
    return (.dropped(.override), close)
  }

  /// What stands before the next `closing` on the same line, if no other `<` or `{` comes first.
  private static func enclosed(
    _ text: [UInt8], at index: Int, before end: Int, by closing: UInt8
  ) -> (end: Int, inner: ArraySlice<UInt8>)? {
    var other = index + 1
    while other < end, text[other] != closing {
      if text[other] == 0x0A || text[other] == text[index] { return nil }
      other += 1
    }
    return other < end ? (other + 1, text[(index + 1)..<other]) : nil
  }

  /// The lines of a cue's text, none of which has more than about `marks` places where something may begin.
  static func lines(_ text: [UInt8], _ payload: Range<Int>, marks: Int = 0, note: (Repair) -> Void) -> [[Run]] {
    var index = nextSuspect(text, from: payload.lowerBound, before: payload.upperBound)
    var builder = RunBuilder(source: text, runs: marks + 1)
    var open = OpenStyles()
    // Text up to here is in the builder.
    var taken = payload.lowerBound
    while index < payload.upperBound {
      var resume = index + 1
      switch text[index] {
      case UInt8(ascii: "<"), UInt8(ascii: "{"):
        if let (token, end) = token(text, at: index, before: payload.upperBound) {
          builder.append(lines: taken..<index)
          switch token {
          case .open(let style): open.begin(style)
          case .close(let style): if !open.end(style) { note(.unbalancedTag) }
          case .dropped(let repair): note(repair)
          }
          builder.set(style: open.style)
          taken = end
          resume = end
        } else if isUnknownTag(text, at: index, before: payload.upperBound) {
          note(.unknownTag)
        }
      case UInt8(ascii: "&"): if isEntity(text, at: index, before: payload.upperBound) { note(.entityInSubRip) }
      default:
        if isDisarming(text, index, payload) {
          builder.append(lines: taken..<index)
          taken = index + joiner.count
          // Only the first joiner is the writer's; it put one in front of those that it found.
          resume = taken
          while startsWithJoiner(text, resume, payload.upperBound) { resume += joiner.count }
        }
      }
      index = nextSuspect(text, from: resume, before: payload.upperBound)
    }
    builder.append(lines: taken..<payload.upperBound)
    if !open.isEmpty { note(.unbalancedTag) }
    return builder.finish()
  }

  /// The next byte that may begin markup or, with 0xE2, a joiner.
  private static func nextSuspect(_ text: [UInt8], from start: Int, before end: Int) -> Int {
    var index = start
    while index < end {
      let byte = text[index]
      if byte == UInt8(ascii: "<") || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "&") { return index }
      if byte == joiner[0], startsWithJoiner(text, index, end) { return index }
      index += 1
    }
    return end
  }

  /// Whether the joiner at `index` stands where the writer puts one.
  private static func isDisarming(_ text: [UInt8], _ index: Int, _ payload: Range<Int>) -> Bool {
    guard index > payload.lowerBound else { return false }
    let before = text[index - 1]
    if before == UInt8(ascii: "<") || before == UInt8(ascii: "{") { return true }
    return before == UInt8(ascii: "-") && index - 2 >= payload.lowerBound
      && joinedArrow(text, index - 2, payload.upperBound) != nil
  }

  static func startsWithJoiner(_ text: [UInt8], _ index: Int, _ end: Int) -> Bool {
    end - index >= 3 && text[index] == joiner[0] && text[index + 1] == joiner[1] && text[index + 2] == joiner[2]
  }

  /// Where `--`, joiners and `>` end that begin at `index`.
  static func joinedArrow(_ text: [UInt8], _ index: Int, _ end: Int) -> Int? {
    guard end - index > 2, text[index] == UInt8(ascii: "-"), text[index + 1] == UInt8(ascii: "-") else { return nil }
    var other = index + 2
    while startsWithJoiner(text, other, end) { other += joiner.count }
    guard other > index + 2, other < end, text[other] == UInt8(ascii: ">") else { return nil }
    return other + 1
  }

  private static func isUnknownTag(_ text: [UInt8], at index: Int, before end: Int) -> Bool {
    guard let (_, inner) = enclosed(text, at: index, before: end, by: UInt8(ascii: ">")),
      let first = inner.first == UInt8(ascii: "/") ? inner.dropFirst().first : inner.first
    else { return false }
    return first.isASCIILetter
  }

  private static func isEntity(_ text: [UInt8], at index: Int, before end: Int) -> Bool {
    let name = text[(index + 1)..<min(end, index + 10)].prefix { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "#") }
    return !name.isEmpty && name.endIndex < end && text[name.endIndex] == UInt8(ascii: ";")
  }
}
