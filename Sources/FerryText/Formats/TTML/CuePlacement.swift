internal import FerryCore

/// Where a cue stands, between WebVTT's cue settings and TTML's regions.
///
/// Both can say more than this; what is kept is what a viewer notices: the edge that the text keeps to, how high, how far
/// to the side, how wide, and which way it is aligned. All numbers are percentages of the picture.
struct CuePlacement: Hashable {
  enum Align: String { case start, left, center, right, end }
  /// The side of its region that text keeps to.
  enum Edge: String { case before, center, after }
  enum Vertical: String {
    case rightToLeft = "rl"
    case leftToRight = "lr"
  }

  var align = Align.center
  var edge = Edge.after
  /// Of the region: its left, top, width and height.
  var x = 10.0
  var y = 55.0
  var width = 80.0
  var height = 35.0
  var vertical: Vertical?

  /// Text at the bottom centre, where it belongs unless somebody says otherwise.
  static let standard = CuePlacement()

  /// As high as a region is made, so that those at the top and at the bottom do not touch.
  private static let usualHeight = 35.0

  func overlaps(_ other: CuePlacement) -> Bool {
    x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
  }

  // Settings

  /// The settings that say this; empty at the bottom centre.
  var settings: String {
    var words: [String] = []
    if let vertical {
      words.append("vertical:\(vertical.rawValue)")
    } else {
      let bottom = y + height
      switch edge {
      case .after where bottom >= 80: break
      case .after: words.append("line:\(CuePlacement.text(bottom))%,end")
      case .center: words.append("line:\(CuePlacement.text(y + height / 2))%,center")
      case .before: words.append("line:\(CuePlacement.text(y))%")
      }
      if let anchor { words.append("position:\(CuePlacement.text(anchor))%") }
      if width < 70, abs(width - available) >= 0.01 { words.append("size:\(CuePlacement.text(width))%") }
    }
    if align != .center { words.append("align:\(align.rawValue)") }
    return words.joined(separator: " ")
  }

  /// The point that the text is aligned to, where it is not the usual one.
  private var anchor: Double? {
    switch align {
    case .start, .left: x <= 10 ? nil : x
    case .center: abs(x + width / 2 - 50) < 0.01 ? nil : x + width / 2
    case .end, .right: x + width >= 90 ? nil : x + width
    }
  }

  /// How wide text could be at that point.
  private var available: Double {
    switch (align, anchor) {
    case (_, nil): 80
    case (.start, let anchor?), (.left, let anchor?): 100 - anchor
    case (.center, let anchor?): 2 * min(anchor, 100 - anchor)
    case (.end, let anchor?), (.right, let anchor?): anchor
    }
  }

  /// Takes what settings say, as far as a region can; unknown words are left out.
  init(settings: String) {
    var line: (value: Double, edge: Edge)?
    var position: (value: Double, side: Align?)?
    var size: Double?
    for word in settings.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
      let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      let values = parts[1].split(separator: ",").map(String.init)
      guard let first = values.first else { continue }
      let second = values.count > 1 ? values[1] : ""
      switch parts[0] {
      case "align": align = Align(rawValue: first == "middle" ? "center" : first) ?? align
      case "vertical": vertical = Vertical(rawValue: first)
      case "size": size = CuePlacement.percentage(first) ?? size
      case "position":
        let side: Align? = ["line-left": .left, "center": .center, "line-right": .right][second]
        if let value = CuePlacement.percentage(first) { position = (value, side) }
      case "line":
        let edge: Edge = second == "end" ? .after : second == "center" ? .center : .before
        if let value = CuePlacement.percentage(first) {
          line = (value, edge)
        } else if let number = Int(first), (-1000...1000).contains(number) {
          // A line is about a fifteenth of the picture.
          line =
            number >= 0
            ? (min(100, Double(number) / 15 * 100), .before) : (max(0, 100 + Double(number + 1) / 15 * 100), .after)
        }
      default: break
      }
    }
    if vertical != nil { return }
    setLine(line)
    setBox(position, size)
  }

  init() {}

  private mutating func setLine(_ line: (value: Double, edge: Edge)?) {
    guard let line else { return }
    // No text stands in a region without height.
    let value = CuePlacement.rounded(
      line.edge == .before
        ? min(line.value, 95) : line.edge == .after ? max(line.value, 5) : min(max(line.value, 5), 95))
    let usual = CuePlacement.usualHeight
    edge = line.edge
    switch line.edge {
    case .before:
      y = value
      height = CuePlacement.rounded(min(usual, 100 - value))
    case .after:
      // A low line is the standard place.
      guard value < 80 else { return }
      height = min(usual, value)
      y = CuePlacement.rounded(value - height)
    case .center:
      height = CuePlacement.rounded(min(usual, 2 * min(value, 100 - value)))
      y = CuePlacement.rounded(value - height / 2)
    }
  }

  private mutating func setBox(_ position: (value: Double, side: Align?)?, _ size: Double?) {
    guard position != nil || size != nil else { return }
    let side = position?.side ?? align
    // Text is at least this wide.
    let least = 5.0
    switch side {
    case .center:
      let middle = min(max(position?.value ?? 50, least / 2), 100 - least / 2)
      let available = 2 * min(middle, 100 - middle)
      width = max(least, min(size ?? (middle == 50 ? 80 : available), available))
      x = middle - width / 2
    case .start, .left:
      let left = min(position?.value ?? 10, 100 - least)
      width = max(least, min(size ?? (left <= 10 ? 80 : 100 - left), 100 - left))
      x = left
    case .end, .right:
      let right = max(position?.value ?? 90, least)
      width = max(least, min(size ?? (right >= 90 ? 80 : right), right))
      x = right - width
    }
    x = CuePlacement.rounded(x)
    width = CuePlacement.rounded(width)
  }

  private static func percentage(_ text: String) -> Double? {
    guard text.hasSuffix("%"), let value = Double(text.dropLast()), (0...100).contains(value) else { return nil }
    return value
  }

  static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

  /// A percentage with two decimals at most.
  static func text(_ value: Double) -> String {
    let hundredths = Int(bounded: value * 100)
    guard hundredths % 100 != 0 else { return String(hundredths / 100) }
    let decimals = String(hundredths % 100)
    let padded = String(repeating: "0", count: 2 - decimals.count) + decimals
    return "\(hundredths / 100).\(padded.hasSuffix("0") ? String(padded.dropLast()) : padded)"
  }
}

extension CuePlacement.Align {
  init?(ttml: String) {
    self.init(rawValue: ttml == "justify" ? "start" : ttml)
  }
}
