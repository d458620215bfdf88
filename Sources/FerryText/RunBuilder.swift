internal import FerryCore

/// Puts a cue's lines together from pieces of text and changes of style.
struct RunBuilder {
  private var lines: [[Run]] = []
  private var line: [Run] = []
  private var text: [UInt8] = []
  private var style: Run.Style = []
  private var voice: String?
  /// What the ruby text that is being read belongs to.
  private var rubyBase: [UInt8]?

  mutating func append(_ byte: UInt8) { text.append(byte) }

  mutating func append(_ bytes: some Collection<UInt8>) { text += bytes }

  /// Appends the bytes of `range`, in which line feeds end lines.
  mutating func append(lines source: [UInt8], _ range: Range<Int>) {
    var start = range.lowerBound
    for index in range where source[index] == 0x0A {
      text += source[start..<index]
      endLine()
      start = index + 1
    }
    text += source[start..<range.upperBound]
  }

  mutating func set(style new: Run.Style, voice newVoice: String? = nil) {
    guard new != style || newVoice != voice else { return }
    endRubyText()
    endRun()
    style = new
    voice = newVoice
  }

  /// Begins the text of a ruby whose base is all that was appended since the style, the line or a ruby ended.
  mutating func beginRubyText() {
    guard rubyBase == nil else { return }
    rubyBase = text
    text.removeAll(keepingCapacity: true)
  }

  /// Ends a run, so that a ruby's base can begin behind it.
  mutating func beginRubyBase() { endRun() }

  mutating func endRubyText() {
    guard let base = rubyBase else { return }
    rubyBase = nil
    let reading = String(decoding: text, as: UTF8.self)
    // A reading of nothing is ordinary text.
    text = base.isEmpty ? text : base
    guard !reading.isEmpty, !base.isEmpty else { return endRun() }
    line.append(Run(String(decoding: base, as: UTF8.self), style: style, voice: voice, ruby: reading))
    text.removeAll(keepingCapacity: true)
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
    guard !text.isEmpty else { return }
    let string = String(decoding: text, as: UTF8.self)
    text.removeAll(keepingCapacity: true)
    if let last = line.indices.last, line[last].style == style, line[last].voice == voice, line[last].ruby == nil {
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
    case UInt8(ascii: "i"): self = .italic
    case UInt8(ascii: "b"): self = .bold
    case UInt8(ascii: "u"): self = .underline
    default: return nil
    }
  }

  /// The number of a single style, from 0.
  fileprivate var index: Int { rawValue.trailingZeroBitCount }
}
