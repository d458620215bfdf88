internal import FerryCore

/// An event's columns without its times, as lines of a script and packets of a Matroska track have them.
struct ASSEvent {
  private let source: [UInt8]
  private let text: Range<Int>
  private let layer: Int
  private let style: String
  private let voice: String?
  private let left, right, vertical: Int
  private let hasEffect: Bool

  init(_ source: [UInt8], _ fields: [Range<Int>], _ columns: EventColumns, note: (Repair) -> Void) {
    func words(_ index: Int?) -> String { index.map { source.string(source.trimmed(fields[$0])) } ?? "" }
    func number(_ index: Int?) -> Int {
      guard let index, !source.trimmed(fields[index]).isEmpty else { return 0 }
      if let number = ASSNumber.whole(source, fields[index]) { return number }
      // The older script has no layers there, but whether its editor marked the event.
      if !words(index).lowercased().hasPrefix("marked=") { note(.oddNumber) }
      return 0
    }
    self.source = source
    text = columns.text.map { fields[$0] } ?? 0..<0
    layer = number(columns.layer)
    style = words(columns.style)
    let name = words(columns.name)
    voice = name.isEmpty ? nil : name
    left = number(columns.left)
    right = number(columns.right)
    vertical = number(columns.vertical)
    hasEffect = !words(columns.effect).isEmpty
  }

  /// The cue; `nil` when it had something, and nothing of that is text that anybody sees.
  func cue(_ header: ASSHeader, start: CueTime, end: CueTime, note: (Repair) -> Void) -> Cue? {
    let (style, isKnown) = header.style(style)
    if !isKnown { note(.unknownStyle) }
    if hasEffect { note(.effect) }
    var markup = ASSMarkup(header, style: style, voice: voice)
    markup.read(source, text, note: note)
    let lines = markup.finish()
    if lines.allSatisfy(\.isEmpty) {
      if markup.hasDropped { return nil }
      note(.emptyCue)
    }
    let size = header.size
    let placement = ASSPlacement(
      alignment: markup.alignment ?? style.alignment,
      left: Double(left == 0 ? style.left : left) / size.width * 100,
      right: Double(right == 0 ? style.right : right) / size.width * 100,
      vertical: Double(vertical == 0 ? style.vertical : vertical) / size.height * 100,
      point: markup.point.map { ($0.x / size.width * 100, $0.y / size.height * 100) })
    return Cue(start: start, end: end, lines: lines, settings: placement.settings, layer: layer)
  }
}
