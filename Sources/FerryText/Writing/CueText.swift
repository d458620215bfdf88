internal import FerryCore

/// A cue's lines as the text of a file, each line ended by a line feed.
enum CueText {
  enum Syntax { case subRip, webVTT }

  static func append(_ lines: [[Run]], as format: Syntax, to text: inout [UInt8]) {
    var open: [Tag] = []
    for (index, line) in lines.enumerated() {
      let start = text.count
      let runs = format == .subRip ? line.withoutVoicesAndRuby : line
      for run in runs where !run.text.isEmpty {
        change(&open, to: tags(of: run, format), in: &text)
        append(run, as: format, to: &text)
      }
      if index == lines.indices.last { change(&open, to: [], in: &text) }
      // A blank line would end the cue; a no-break space looks the same and does not.
      if line.allSatisfy({ $0.text.isEmpty }) { text += "\u{A0}".utf8 }
      if format == .subRip { disarmArrows(in: &text, from: start) }
      text.append(0x0A)
    }
  }

  private static func append(_ run: Run, as format: Syntax, to text: inout [UInt8]) {
    guard let ruby = run.ruby else { return escape(run.text, as: format, to: &text) }
    text += "<ruby>".utf8
    escape(run.text, as: format, to: &text)
    text += "<rt>".utf8
    escape(ruby, as: format, to: &text)
    text += "</rt></ruby>".utf8
  }

  private enum Tag: Equatable {
    case voice(String)
    case style(String)
  }

  private static func tags(of run: Run, _ format: Syntax) -> [Tag] {
    var tags: [Tag] = []
    if format == .webVTT, let voice = run.voice { tags.append(.voice(voice)) }
    if run.style.contains(.bold) { tags.append(.style("b")) }
    if run.style.contains(.italic) { tags.append(.style("i")) }
    if run.style.contains(.underline) { tags.append(.style("u")) }
    return tags
  }

  /// Closes the tags that end here and opens those that begin, leaving alone what stays.
  private static func change(_ open: inout [Tag], to wanted: [Tag], in text: inout [UInt8]) {
    let kept = zip(open, wanted).prefix { $0 == $1 }.count
    for tag in open[kept...].reversed() {
      switch tag {
      case .voice: text += "</v>".utf8
      case .style(let name): text += "</\(name)>".utf8
      }
    }
    for tag in wanted[kept...] {
      switch tag {
      case .voice(let name):
        text += "<v ".utf8
        escape(name, as: .webVTT, to: &text)
        text.append(UInt8(ascii: ">"))
      case .style(let name): text += "<\(name)>".utf8
      }
    }
    open = wanted
  }

  private static func escape(_ string: String, as format: Syntax, to text: inout [UInt8]) {
    switch format {
    case .webVTT:
      for byte in string.utf8 {
        switch byte {
        case UInt8(ascii: "&"): text += "&amp;".utf8
        case UInt8(ascii: "<"): text += "&lt;".utf8
        case UInt8(ascii: ">"): text += "&gt;".utf8
        default: text.append(byte)
        }
      }
    case .subRip:
      guard string.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "{") }) else {
        text += string.utf8
        return
      }
      let bytes = Array(string.utf8)
      for (index, byte) in bytes.enumerated() {
        text.append(byte)
        guard byte == UInt8(ascii: "<") || byte == UInt8(ascii: "{") else { continue }
        if SubRipMarkup.token(bytes, at: index, before: bytes.count) != nil
          || SubRipMarkup.startsWithJoiner(bytes, index + 1, bytes.count)
        {
          text += SubRipMarkup.joiner
        }
      }
    }
  }

  /// Keeps a line of text that reads like a line of times from beginning a cue.
  private static func disarmArrows(in text: inout [UInt8], from start: Int) {
    let line = Array(text[start...])
    guard line.contains(UInt8(ascii: ">")) || line.contains(0xE2) else { return }
    let isTimes = SubRipTimes.areComplete(line)
    var disarmed: [UInt8] = []
    for index in line.indices {
      disarmed.append(line[index])
      guard index > 0, line[index] == UInt8(ascii: "-"), line[index - 1] == UInt8(ascii: "-") else { continue }
      let isPlainArrow = index + 1 < line.count && line[index + 1] == UInt8(ascii: ">")
      if isTimes && isPlainArrow || SubRipMarkup.joinedArrow(line, index - 1, line.count) != nil {
        disarmed += SubRipMarkup.joiner
      }
    }
    if disarmed.count != line.count { text.replaceSubrange(start..., with: disarmed) }
  }
}

extension Run {
  /// The text as formats without ruby show it.
  package var withRubyInBrackets: String { ruby.map { "\(text)(\($0))" } ?? text }
}

extension [Run] {
  /// A line as formats that only know styles show it: ruby in brackets, and runs joined that only voices distinguish.
  var withoutVoicesAndRuby: [Run] {
    guard contains(where: { $0.voice != nil || $0.ruby != nil || $0.text.isEmpty }) else { return self }
    return reduce(into: []) { shown, run in
      if run.text.isEmpty { return }
      if let last = shown.indices.last, shown[last].style == run.style {
        shown[last].text += run.withRubyInBrackets
      } else {
        shown.append(Run(run.withRubyInBrackets, style: run.style))
      }
    }
  }
}

/// A time as SubRip and WebVTT write it.
enum ClockText {
  /// `hh:mm:ss`, the decimal mark, and three digits; hours take as many digits as they need.
  static func append(_ time: CueTime, point: Character, to text: inout [UInt8]) {
    precondition(time >= .zero, "a cue cannot start before the beginning")
    let milliseconds = time.milliseconds
    let hours = milliseconds / 3_600_000
    if hours < 100 { digits(hours, 2, to: &text) } else { text += String(hours).utf8 }
    text.append(UInt8(ascii: ":"))
    digits(milliseconds / 60_000 % 60, 2, to: &text)
    text.append(UInt8(ascii: ":"))
    digits(milliseconds / 1000 % 60, 2, to: &text)
    text += String(point).utf8
    digits(milliseconds % 1000, 3, to: &text)
  }

  private static func digits(_ number: Int, _ count: Int, to text: inout [UInt8]) {
    var weight = count == 3 ? 100 : 10
    while weight > 0 {
      text.append(UInt8(0x30 + number / weight % 10))
      weight /= 10
    }
  }
}
