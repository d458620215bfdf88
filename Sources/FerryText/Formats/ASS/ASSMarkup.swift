internal import FerryCore

/// An event's text: overrides between braces, and breaks behind backslashes.
struct ASSMarkup {
  /// What the text says of its own place.
  private(set) var alignment: Int?
  private(set) var point: (x: Double, y: Double)?
  /// Whether something was left out that is no text, or that nobody sees.
  private(set) var hasDropped = false
  /// Whether there is anything besides overrides; a blank line counts.
  private var hasContent = false

  private let header: ASSHeader
  private let base: ASSStyle
  private let voice: String?
  private var builder = RunBuilder()
  private var style: Run.Style
  /// What `\i`, `\b` and `\u` without a number go back to.
  private var reset: ASSStyle
  private var alphas: SIMD4<UInt8>
  private var isDrawing = false
  private var breaksSoftly: Bool
  /// Whether a change over time may bring hidden text to sight.
  private var mayAppear = false

  init(_ header: ASSHeader, style: ASSStyle, voice: String?) {
    self.header = header
    base = style
    reset = style
    self.style = style.style
    alphas = style.alphas
    breaksSoftly = header.breaksSoftly
    self.voice = voice
  }

  mutating func read(_ text: [UInt8], _ range: Range<Int>, note: (Repair) -> Void) {
    // A brace is text unless one closes behind it.
    let lastClose = text[range].lastIndex(of: UInt8(ascii: "}")) ?? range.lowerBound
    var taken = range.lowerBound
    var index = range.lowerBound
    while index < range.upperBound {
      switch text[index] {
      case UInt8(ascii: "\\") where index + 1 < range.upperBound:
        let next = text[index + 1]
        switch next {
        case UInt8(ascii: "N"), UInt8(ascii: "n"), UInt8(ascii: "h"), UInt8(ascii: "{"), UInt8(ascii: "}"):
          show(text[taken..<index], note: note)
          escape(next, note: note)
          index += 2
          taken = index
        case SubRipMarkup.joiner[0] where SubRipMarkup.startsWithJoiner(text, index + 1, range.upperBound):
          // The writer's, to keep the backslash from meaning something.
          show(text[taken...index], note: note)
          index += 1 + SubRipMarkup.joiner.count
          taken = index
        default: index += 1
        }
      case UInt8(ascii: "{") where index < lastClose:
        show(text[taken..<index], note: note)
        let close = text[index...].firstIndex(of: UInt8(ascii: "}")) ?? lastClose
        readBlock(text[(index + 1)..<close], note: note)
        index = close + 1
        taken = index
      default: index += 1
      }
    }
    show(text[taken..<range.upperBound], note: note)
  }

  /// The lines; blank ones at the ends that were drawings or hidden go.
  mutating func finish() -> [[Run]] {
    var lines = hasContent ? builder.finish() : []
    guard hasDropped else { return lines }
    while lines.first?.isEmpty == true { lines.removeFirst() }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private mutating func show(_ text: ArraySlice<UInt8>, note: (Repair) -> Void) {
    guard !text.isEmpty else { return }
    if isDrawing || isHidden {
      // Blanks alone are nothing to tell about.
      if text.contains(where: { $0 != 0x20 }) {
        note(isDrawing ? .drawing : .hiddenText)
        hasDropped = true
      }
      return
    }
    hasContent = true
    builder.set(style: style, voice: voice)
    builder.append(text)
  }

  /// Hidden is what has neither body nor outline nor shadow.
  private var isHidden: Bool { !mayAppear && alphas[0] == 0xFF && alphas[2] == 0xFF && alphas[3] == 0xFF }

  private mutating func escape(_ byte: UInt8, note: (Repair) -> Void) {
    switch byte {
    case _ where isDrawing: break
    case UInt8(ascii: "N"): endLine()
    case UInt8(ascii: "n") where breaksSoftly: endLine()
    case UInt8(ascii: "n"):
      note(.softBreak)
      show([0x20], note: note)
    case UInt8(ascii: "h"): show(Array("\u{A0}".utf8)[...], note: note)
    default: show([byte], note: note)
    }
  }

  private mutating func endLine() {
    hasContent = true
    builder.endLine()
  }

  /// Acts on what stands between braces; text before the first backslash is somebody's comment.
  private mutating func readBlock(_ block: ArraySlice<UInt8>, note: (Repair) -> Void) {
    let comment = block.prefix { $0 != UInt8(ascii: "\\") }
    if comment.contains(where: { $0 != 0x20 }) { note(.braceComment) }
    var start = comment.endIndex
    while start < block.endIndex {
      var depth = 0
      var end = start + 1
      while end < block.endIndex, depth > 0 || block[end] != UInt8(ascii: "\\") {
        if block[end] == UInt8(ascii: "(") { depth += 1 }
        if block[end] == UInt8(ascii: ")"), depth > 0 { depth -= 1 }
        end += 1
      }
      take(tag: block[(start + 1)..<end], note: note)
      start = end
    }
  }

  private mutating func take(tag: ArraySlice<UInt8>, note: (Repair) -> Void) {
    let figures = tag.prefix { $0.isASCIIDigit }
    let nameEnd = tag[figures.endIndex...].prefix { $0.isASCIILetter }.endIndex
    let name = String(decoding: tag[..<nameEnd], as: UTF8.self)
    let argument = tag[nameEnd...]
    switch name {
    case "i": set(.italic, number(argument).map { $0 != 0 })
    case "b": set(.bold, number(argument).map(ASSStyle.isBold))
    case "u": set(.underline, number(argument).map { $0 != 0 })
    case "an", "a":
      // The first counts, whichever it is.
      guard alignment == nil, let number = number(argument) else { return }
      alignment = name == "a" ? ASSStyle.alignment(legacy: number) : (1...9).contains(number) ? number : nil
    case "pos", "move":
      if name == "move" { note(.override) }
      if point == nil { point = coordinates(argument) }
    case "p": isDrawing = (number(argument) ?? 0) > 0
    case "q": breaksSoftly = number(argument).map { $0 == 2 } ?? header.breaksSoftly
    case "k", "K", "kf", "ko", "kt": note(.karaoke)
    case "alpha", "1a", "2a", "3a", "4a": setAlpha(name, argument, note: note)
    case "t":
      note(.override)
      mayAppear = mayAppear || argument.contains(UInt8(ascii: "a"))
    case _ where name.first == "r": resetStyle(String(decoding: tag.dropFirst(), as: UTF8.self), note: note)
    case "": if argument.contains(where: { $0 != 0x20 }) { note(.override) }
    default: note(.override)
    }
  }

  private mutating func set(_ one: Run.Style, _ isOn: Bool?) {
    if isOn ?? reset.style.contains(one) { style.insert(one) } else { style.remove(one) }
  }

  private mutating func setAlpha(_ name: String, _ argument: ArraySlice<UInt8>, note: (Repair) -> Void) {
    let digits = argument.drop { $0 == UInt8(ascii: "&") || $0 | 0x20 == UInt8(ascii: "h") }
      .prefix { $0 != UInt8(ascii: "&") && $0 != 0x20 }
    let parts = name == "alpha" ? 0..<4 : (Int(name.prefix(1)) ?? 1) - 1..<(Int(name.prefix(1)) ?? 1)
    let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16).map { UInt8($0 & 0xFF) }
    for part in parts { alphas[part] = value ?? reset.alphas[part] }
    if !isHidden { note(.override) }
  }

  private mutating func resetStyle(_ name: String, note: (Repair) -> Void) {
    let trimmed = name.split(separator: " ").joined(separator: " ")
    let found = trimmed.isEmpty ? (style: base, isKnown: true) : header.style(trimmed)
    if !found.isKnown { note(.unknownStyle) }
    // An unknown name goes back to the event's own style.
    reset = found.isKnown ? found.style : base
    style = reset.style
    alphas = reset.alphas
  }

  /// The number that an argument begins with.
  private func number(_ argument: ArraySlice<UInt8>) -> Int? {
    let sign = argument.first == UInt8(ascii: "-") ? argument.prefix(1) : []
    let digits = argument[(argument.startIndex + sign.count)...].prefix { $0.isASCIIDigit }
    return Int(String(decoding: sign + digits.prefix(9), as: UTF8.self))
  }

  /// The first two of the numbers between brackets.
  private func coordinates(_ argument: ArraySlice<UInt8>) -> (x: Double, y: Double)? {
    let inner = argument.drop { $0 != UInt8(ascii: "(") }.dropFirst().prefix { $0 != UInt8(ascii: ")") }
    let numbers = inner.split(separator: UInt8(ascii: ",")).map { part in
      Double(String(decoding: part.filter { $0 != 0x20 }, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
    }
    guard numbers.count >= 2, let x = numbers[0], let y = numbers[1] else { return nil }
    return (x, y)
  }
}
