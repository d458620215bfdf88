internal import FerryCore

/// Puts a cue's lines together from pieces of text and changes of style.
struct RunBuilder {
  /// The text that stretches of `append(lines:)` are of.
  private let source: [UInt8]
  private var lines: [[Run]] = []
  private var line: [Run] = []
  /// What was appended since the last run: bytes of its own or, where they are all of it, a stretch of the source.
  private var text: [UInt8] = []
  private var stretch = 0..<0
  private var style = Run.Style.plain
  private var voice: String?
  /// What the ruby text that is being read belongs to.
  private var rubyBase: String?

  /// How many runs a line has at most, as far as its reader knows.
  private let runs: Int

  init(source: [UInt8] = [], runs: Int = 0) {
    self.source = source
    self.runs = runs
  }

  mutating func append(_ byte: UInt8) {
    copyStretch()
    text.append(byte)
  }

  mutating func append(_ bytes: some Collection<UInt8>) {
    copyStretch()
    text += bytes
  }

  /// Appends the source's bytes of `range`, in which line feeds end lines.
  mutating func append(lines range: Range<Int>) {
    var start = range.lowerBound
    while let end = endOfLine(in: start..<range.upperBound) {
      append(stretch: start..<end)
      endLine()
      start = end + 1
    }
    append(stretch: start..<range.upperBound)
  }

  private func endOfLine(in range: Range<Int>) -> Int? {
    source.withUnsafeBufferPointer { source in
      var index = range.lowerBound
      while index < range.upperBound, source[index] != 0x0A { index += 1 }
      return index < range.upperBound ? index : nil
    }
  }

  /// Most runs are one stretch of the source, which is then copied once, into the run.
  private mutating func append(stretch range: Range<Int>) {
    if range.isEmpty { return }
    if text.isEmpty && stretch.isEmpty {
      stretch = range
    } else {
      copyStretch()
      text += source[range]
    }
  }

  private mutating func copyStretch() {
    if stretch.isEmpty { return }
    text += source[stretch]
    stretch = 0..<0
  }

  private var hasOpenText: Bool { !text.isEmpty || !stretch.isEmpty }

  private mutating func takeText() -> String {
    defer {
      text.removeAll(keepingCapacity: true)
      stretch = 0..<0
    }
    return text.isEmpty ? source.string(stretch) : String(decoding: text, as: UTF8.self)
  }

  mutating func set(style new: Run.Style, voice newVoice: String? = nil) {
    guard new.rawValue != style.rawValue || newVoice != voice else { return }
    endRubyText()
    endRun()
    style = new
    voice = newVoice
  }

  /// Begins the text of a ruby whose base is all that was appended since the style, the line or a ruby ended.
  mutating func beginRubyText() {
    guard rubyBase == nil else { return }
    rubyBase = takeText()
  }

  /// Ends a run, so that a ruby's base can begin behind it.
  mutating func beginRubyBase() { endRun() }

  mutating func endRubyText() {
    guard let base = rubyBase else { return }
    rubyBase = nil
    let reading = takeText()
    // A reading of nothing is ordinary text.
    guard !reading.isEmpty, !base.isEmpty else { return add(base.isEmpty ? reading : base) }
    line.append(Run(base, style: style, voice: voice, ruby: reading))
  }

  mutating func endLine() {
    endRubyText()
    endRun()
    // The writers' stand-in for a blank line.
    let isBlank = line.count == 1 && line[0].text == "\u{A0}"
    lines.append(isBlank ? [] : line)
    line = []
  }

  /// The lines so far, the open one included.
  mutating func finish() -> [[Run]] {
    endLine()
    return lines
  }

  private mutating func endRun() {
    if hasOpenText { add(takeText()) }
  }

  private mutating func add(_ string: String) {
    if string.isEmpty { return }
    if line.isEmpty { line.reserveCapacity(runs) }
    if let last = line.indices.last, line[last].style.rawValue == style.rawValue, line[last].voice == voice,
      line[last].ruby == nil
    {
      line[last].text += string
    } else {
      line.append(Run(string, style: style, voice: voice))
    }
  }
}

/// The styles that tags have opened and not closed, and how often.
struct OpenStyles {
  private var depth = SIMD4<Int>()

  var style: Run.Style {
    var bits: UInt8 = 0
    for index in 0..<3 where depth[index] > 0 { bits |= 1 << UInt8(index) }
    return Run.Style(rawValue: bits)
  }

  var isEmpty: Bool { depth == .zero }

  mutating func begin(_ style: Run.Style) { depth[style.index] += 1 }

  /// Ends one `style`; `false` when none is open.
  mutating func end(_ style: Run.Style) -> Bool {
    guard depth[style.index] > 0 else { return false }
    depth[style.index] -= 1
    return true
  }
}

extension Run.Style {
  /// The style of a tag that SubRip and WebVTT share: `i`, `b` or `u`.
  init?(tag: UInt8) {
    switch tag {
    case UInt8(ascii: "i"): self.init(rawValue: 1)
    case UInt8(ascii: "b"): self.init(rawValue: 2)
    case UInt8(ascii: "u"): self.init(rawValue: 4)
    default: return nil
    }
  }

  /// The style of the tag of one letter that begins at `index`, as in `<i>` and `</i>`, and where the tag ends.
  static func tag(_ text: [UInt8], at index: Int, before end: Int) -> (style: Run.Style, isClosing: Bool, end: Int)? {
    let isClosing = index + 1 < end && text[index + 1] == UInt8(ascii: "/")
    let letter = isClosing ? index + 2 : index + 1
    guard letter + 1 < end, text[letter + 1] == UInt8(ascii: ">"), let style = Run.Style(tag: text[letter]) else {
      return nil
    }
    return (style, isClosing, letter + 2)
  }

  /// The number of a single style, from 0.
  fileprivate var index: Int { rawValue.trailingZeroBitCount }
}
