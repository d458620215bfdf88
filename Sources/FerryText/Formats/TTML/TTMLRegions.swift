internal import FerryCore

/// The regions of a document: where text stands, and what it inherits there.
struct TTMLRegions {
  struct Region {
    var style: TTMLStyle
    /// When content may show in it.
    var active: TTMLClock.Interval
  }

  private let byName: [String: Region]
  /// The picture's size in pixels, where the document counts in them.
  private let pixels: (Double, Double)?
  private let cells: (Double, Double)

  var isEmpty: Bool { byName.isEmpty }

  init(_ tree: TTMLTree, _ clock: TTMLClock, styles: inout TTMLStyleSheet) {
    var byName: [String: Region] = [:]
    for node in tree.nodes.indices where tree.nodes[node].kind == .region {
      guard let name = tree.attribute(node, .identifier) else { continue }
      byName[name.value] = Region(style: styles.specified(node), active: clock.active[node])
    }
    self.byName = byName
    func pair(_ text: String?, _ unit: String) -> (Double, Double)? {
      guard let parts = text?.split(separator: " "), parts.count == 2 else { return nil }
      let numbers = parts.map { $0.hasSuffix(unit) ? Double($0.dropLast(unit.count)) : nil }
      guard let width = numbers[0], let height = numbers[1], width > 0, height > 0 else { return nil }
      return (width, height)
    }
    pixels = pair(tree.attribute(0, .extent)?.value, "px")
    cells = pair(tree.attribute(0, .cellResolution)?.value, "") ?? (32, 15)
  }

  func named(_ name: String) -> Region? { byName[name] }

  /// Where text of the computed style `text` stands in a region; `nil` is no region at all.
  func placement(in region: TTMLStyle?, text: TTMLStyle) -> CuePlacement {
    var placement = CuePlacement.standard
    guard let region else {
      placement.align = text.align ?? .center
      return placement
    }
    placement.align = text.align ?? .start
    placement.vertical = text.vertical ?? nil
    placement.edge = region.edge ?? .before
    let extent = region.extent.flatMap(lengths) ?? (100, 100)
    var origin = region.origin.flatMap(lengths) ?? (0, 0)
    if let position = region.position.flatMap(offsets) {
      origin = ((100 - extent.0) * position.0 / 100, (100 - extent.1) * position.1 / 100)
    }
    let clamp = { (value: Double) in CuePlacement.rounded(value.isNaN ? 0 : min(max(value, 0), 100)) }
    (placement.x, placement.y) = (clamp(origin.0), clamp(origin.1))
    (placement.width, placement.height) = (
      CuePlacement.rounded(min(clamp(extent.0), 100 - placement.x)),
      CuePlacement.rounded(min(clamp(extent.1), 100 - placement.y))
    )
    return placement
  }

  /// Two lengths as percentages of the picture; `nil` for `auto` and what ferry does not know.
  private func lengths(_ text: String) -> (Double, Double)? {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let x = length(parts[0], pixels?.0, cells.0), let y = length(parts[1], pixels?.1, cells.1)
    else { return nil }
    return (x, y)
  }

  private func length(_ text: Substring, _ pixels: Double?, _ cells: Double) -> Double? {
    let unit = String(text.drop { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" })
    guard let value = Double(text.dropLast(unit.count)), value.isFinite else { return nil }
    switch unit {
    case "%", "rw", "rh": return value
    case "px": return pixels.map { value / $0 * 100 }
    case "c": return value / cells * 100
    default: return nil
    }
  }

  /// `tts:position` as shares of the room that the region leaves, in its one- and two-value forms.
  private func offsets(_ text: String) -> (Double, Double)? {
    let parts = text.split(separator: " ")
    func share(_ part: Substring) -> Double? {
      switch part {
      case "left", "top": 0
      case "center": 50
      case "right", "bottom": 100
      default: part.hasSuffix("%") ? Double(part.dropLast()).flatMap { $0.isFinite ? $0 : nil } : nil
      }
    }
    guard let first = parts.first, let x = share(first) else { return nil }
    if parts.count == 1 { return first == "top" || first == "bottom" ? (50, x) : (x, 50) }
    guard parts.count == 2, let y = share(parts[1]) else { return nil }
    return first == "top" || first == "bottom" || parts[1] == "left" || parts[1] == "right" ? (y, x) : (x, y)
  }
}
