internal import FerryCore

/// Where text stands, as scripts say it; all lengths are hundredths of the picture's width or height.
struct ASSPlacement {
  /// A key of the number pad: 1 is the bottom left and 9 the top right.
  var alignment: Int
  var left = 0.0
  var right = 0.0
  var vertical = 0.0
  /// Where exactly, in place of the margins.
  var point: (x: Double, y: Double)?

  /// The same in WebVTT's cue settings; nothing for the bottom centre.
  ///
  /// Margins of an ordinary size are the player's business: only those that move the text by sight are said.
  var settings: String {
    let column = (alignment - 1) % 3
    let row = (alignment - 1) / 3
    var words: [String] = []
    if let point {
      words.append("line:" + percent(point.y, steps: 100) + [",end", ",center", ""][row])
      let x = percent(point.x, steps: 100)
      if x != ["0%", "50%", "100%"][column] { words.append("position:" + x) }
    } else {
      switch row {
      case 0: if vertical > 10 { words.append("line:" + percent(100 - vertical, steps: 10) + ",end") }
      case 1: words.append("line:50%,center")
      default: words.append("line:" + (vertical > 10 ? percent(vertical, steps: 10) : "0"))
      }
      switch column {
      case 0: if left > 5 { words.append("position:" + percent(left, steps: 10)) }
      case 1: if abs(left - right) > 2 { words.append("position:" + percent(50 + (left - right) / 2, steps: 10)) }
      default: if right > 5 { words.append("position:" + percent(100 - right, steps: 10)) }
      }
    }
    if column != 1 { words.append(column == 0 ? "align:left" : "align:right") }
    return words.joined(separator: " ")
  }

  private func percent(_ value: Double, steps: Double) -> String {
    let rounded = (min(100, max(0, value)) * steps).rounded() / steps
    return (rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)") + "%"
  }

  /// The placement that comes nearest to WebVTT's cue settings.
  init(settings: String) {
    var line: (value: String, edge: String)?
    var position: Double?
    var column = 1
    for word in settings.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
      let parts = word.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let values = parts[1].split(separator: ",")
      let value = values.first.map(String.init) ?? ""
      switch parts[0] {
      case "line": line = (value, values.count > 1 ? String(values[1]) : "start")
      case "position": position = ASSPlacement.share(value)
      case "align": column = ["left": 0, "start": 0, "right": 2, "end": 2][value] ?? 1
      default: break
      }
    }
    var row = 0
    var y: Double?
    if let line {
      if let share = ASSPlacement.share(line.value) {
        y = share
        row = ["end": 0, "center": 1][line.edge] ?? 2
      } else if let number = Int(line.value), (-99...99).contains(number) {
        // Fifteen lines or so fit on a screen.
        row = number < 0 ? 0 : 2
        if number > 0 { y = min(100, Double(number) * 6.5) }
        if number < -1 { y = max(0, 100 + Double(number + 1) * 6.5) }
      }
    }
    alignment = row * 3 + column + 1
    if let y {
      point = (position ?? [0, 50, 100][column], y)
    } else if let position {
      switch column {
      case 0: left = position
      case 1: (left, right) = (max(0, 2 * position - 100), max(0, 100 - 2 * position))
      default: right = 100 - position
      }
    }
  }

  /// The picture and the margins of the writer's style, in pixels.
  static let canvas = (width: 1920.0, height: 1080.0, side: 96, bottom: 54)

  /// The margins of an event on the writer's canvas, of which 0 is the style's own, and the point in place of them.
  var pixels: (left: Int, right: Int, point: (x: Double, y: Double)?) {
    let canvas = ASSPlacement.canvas
    if let point {
      func hundredth(_ value: Double) -> Double { (value * 100).rounded() / 100 }
      return (0, 0, (hundredth(point.x / 100 * canvas.width), hundredth(point.y / 100 * canvas.height)))
    }
    let isCentred = alignment % 3 == 2
    func margin(_ share: Double) -> Int {
      share == 0 ? 0 : max(1, Int(bounded: share / 100 * canvas.width)) + (isCentred ? canvas.side : 0)
    }
    return (margin(left), margin(right), nil)
  }

  /// The placement that a reader finds in what the writer makes of cue settings.
  init(written settings: String) {
    let wanted = ASSPlacement(settings: settings)
    let canvas = ASSPlacement.canvas
    let pixels = wanted.pixels
    func share(_ margin: Int) -> Double { Double(margin == 0 ? canvas.side : margin) / canvas.width * 100 }
    self.init(
      alignment: wanted.alignment, left: share(pixels.left), right: share(pixels.right),
      vertical: Double(canvas.bottom) / canvas.height * 100,
      point: pixels.point.map { ($0.x / canvas.width * 100, $0.y / canvas.height * 100) })
  }

  init(
    alignment: Int, left: Double, right: Double, vertical: Double, point: (x: Double, y: Double)?
  ) {
    self.alignment = alignment
    (self.left, self.right, self.vertical) = (left, right, vertical)
    self.point = point
  }

  private static func share(_ text: String) -> Double? {
    guard text.hasSuffix("%"), let value = Double(text.dropLast()), (0...100).contains(value) else { return nil }
    return value
  }
}
