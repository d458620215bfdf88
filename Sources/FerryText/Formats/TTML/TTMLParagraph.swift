internal import FerryCore

/// The text of a paragraph in pieces that are shown, or not, as a whole.
struct TTMLPiece {
  enum Content {
    case text(Range<Int32>)
    case lineBreak
    /// A base with its reading.
    case ruby(base: String, reading: String)
  }

  var content: Content
  /// When it shows, in whole milliseconds; `Int.max`, which a cue holds as `TTML.never`, is for ever.
  var start: Int
  var end: Int
  var style: Run.Style
  var voice: String?
  var keepsBlanks: Bool
  /// The animations of `tts:display` that it is subject to.
  var gates: [TTMLGate]

  /// What appending it costs, about.
  var cost: Int { if case .text(let range) = content { range.count } else { 16 } }

  func isShown(at time: Int) -> Bool { start <= time && time < end && gates.allSatisfy { $0.isOpen(at: time) } }
}

/// An element whose display is switched by `<set>`.
struct TTMLGate {
  var isOpenFirst: Bool
  var steps: [(start: Int, end: Int, isOpen: Bool)]

  func isOpen(at time: Int) -> Bool {
    steps.last { $0.start <= time && time < $0.end }?.isOpen ?? isOpenFirst
  }
}

/// Joins pieces to lines, and blanks as XML and TTML have them.
struct TTMLLineBuilder {
  private var builder = RunBuilder()
  /// A blank that is written only if something follows it on its line.
  private var pending: (style: Run.Style, voice: String?)?
  /// Whether a blank here would be the line's first, or follow another.
  private var swallowsBlank = true
  private(set) var hasText = false

  mutating func append(_ piece: TTMLPiece, of text: [UInt8]) {
    switch piece.content {
    case .lineBreak: endLine()
    case .ruby(let base, let reading):
      flush(piece)
      builder.beginRubyBase()
      builder.append(base.utf8)
      builder.beginRubyText()
      builder.append(reading.utf8)
      builder.endRubyText()
    case .text(let range):
      let bytes = text[Int(range.lowerBound)..<Int(range.upperBound)]
      if piece.keepsBlanks { keep(bytes, piece) } else { collapse(bytes, piece) }
    }
  }

  /// The lines, and no lines where nothing was appended that shows.
  mutating func finish() -> [[Run]] {
    let lines = builder.finish()
    return hasText || lines.count > 1 ? lines : []
  }

  private mutating func endLine() {
    pending = nil
    swallowsBlank = true
    builder.endLine()
  }

  private mutating func flush(_ piece: TTMLPiece) {
    if let pending {
      builder.set(style: pending.style, voice: pending.voice)
      builder.append(0x20)
    }
    pending = nil
    builder.set(style: piece.style, voice: piece.voice)
    swallowsBlank = false
    hasText = true
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>, _ piece: TTMLPiece) {
    var start = bytes.startIndex
    for index in bytes.indices where bytes[index] == 0x0A {
      if start < index {
        flush(piece)
        builder.append(bytes[start..<index])
      }
      endLine()
      start = index + 1
    }
    guard start < bytes.endIndex else { return }
    flush(piece)
    builder.append(bytes[start...])
    swallowsBlank = bytes.last == 0x20 || bytes.last == 0x09
  }

  private mutating func collapse(_ bytes: ArraySlice<UInt8>, _ piece: TTMLPiece) {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D }
      let word = bytes[index...].prefix { !isBlank($0) }
      if !word.isEmpty {
        flush(piece)
        builder.append(word)
        index = word.endIndex
      }
      guard index < bytes.endIndex else { return }
      while index < bytes.endIndex, isBlank(bytes[index]) { index += 1 }
      if !swallowsBlank { pending = (piece.style, piece.voice) }
      swallowsBlank = true
    }
  }
}
