internal import FerryCore

/// What a script says before its events: the size of the picture that it counts in, and its styles.
struct ASSHeader {
  /// Whether the styles are those of SubStation Alpha before version 4+, which numbers alignments in its own way.
  var isSSA = false
  /// Whether `\n` ends a line too; elsewhere players show it as a blank.
  private(set) var breaksSoftly = false
  private var width: Double?
  private var height: Double?
  private var styles: [String: ASSStyle] = [:]

  /// The picture's size; where a script says only one side, the other follows from 4:3, as libass has it.
  var size: (width: Double, height: Double) {
    switch (width, height) {
    case (let width?, let height?): (width, height)
    case (let width?, nil): (width, width * 3 / 4)
    case (nil, let height?): (height * 4 / 3, height)
    case (nil, nil): (384, 288)
    }
  }

  /// Takes a line of `[Script Info]`.
  mutating func take(_ key: String, _ value: String) {
    let size = Double(value).flatMap { $0 > 0 && $0 < 1e6 ? $0 : nil }
    switch key {
    case "playresx": width = size
    case "playresy": height = size
    case "wrapstyle": breaksSoftly = value == "2"
    case "scripttype": isSSA = value.lowercased() == "v4.00"
    default: break
    }
  }

  /// Takes a style; `false` when columns are missing, which then have their ordinary values.
  mutating func takeStyle(_ text: [UInt8], _ body: Range<Int>, _ columns: ASSColumns) -> Bool {
    let fields = text[body].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    var values: [String: String] = [:]
    for (name, field) in zip(columns.names, fields) where values[name] == nil {
      values[name] = text.string(text.trimmed(field.startIndex..<field.endIndex))
    }
    styles[ASSHeader.bare(values["name"] ?? "")] = ASSStyle(values, isSSA: isSSA)
    return fields.count >= columns.names.count
  }

  /// The style of that name; unknown names have the look of `Default`, as far as the script says one.
  func style(_ name: String) -> (style: ASSStyle, isKnown: Bool) {
    let bare = ASSHeader.bare(name)
    if let style = styles[bare] { return (style, true) }
    return (styles["Default"] ?? ASSStyle(), bare.isEmpty || bare.lowercased() == "default")
  }

  /// A star before a name says that SubStation Alpha did not find the style itself.
  private static func bare(_ name: String) -> String { String(name.drop { $0 == "*" }) }
}

/// A style as far as cues can carry it.
struct ASSStyle {
  var style: Run.Style = []
  /// Where it stands, as the number pad has its keys: 1 is at the bottom left and 9 at the top right.
  var alignment = 2
  var left = 0
  var right = 0
  var vertical = 0
  /// How transparent the text, what karaoke has not reached, the outline and the shadow are.
  var alphas = SIMD4<UInt8>()

  init() {}

  init(_ values: [String: String], isSSA: Bool) {
    func number(_ name: String) -> Int { values[name].flatMap { Int($0) } ?? 0 }
    if ASSStyle.isBold(number("bold")) { style.insert(.bold) }
    if number("italic") != 0 { style.insert(.italic) }
    if number("underline") != 0 { style.insert(.underline) }
    let alignment = number("alignment")
    self.alignment = isSSA ? ASSStyle.alignment(legacy: alignment) : (1...9).contains(alignment) ? alignment : 2
    left = number("marginl")
    right = number("marginr")
    vertical = number("marginv")
    // The older script's colours have no transparency.
    if !isSSA {
      for (index, name) in ["primarycolour", "secondarycolour", "outlinecolour", "backcolour"].enumerated() {
        alphas[index] = ASSStyle.alpha(ofColour: values[name] ?? "")
      }
    }
  }

  /// The number-pad alignment of the older numbers: 1 to 3 at the bottom, 5 to 7 at the top, 9 to 11 between.
  static func alignment(legacy: Int) -> Int {
    guard (1...3).contains(legacy & 3), (1...11).contains(legacy) else { return 2 }
    return legacy & 3 + (legacy & 4 != 0 ? 6 : legacy & 8 != 0 ? 3 : 0)
  }

  /// Whether a weight is bold: 1, -1 in styles, or one of a font's weights from 600 on.
  static func isBold(_ weight: Int) -> Bool { weight == 1 || weight == -1 || weight >= 600 }

  /// A colour is `&HAABBGGRR`, or the same number in decimal.
  private static func alpha(ofColour text: String) -> UInt8 {
    let value =
      text.hasPrefix("&H") || text.hasPrefix("&h")
      ? UInt32(text.dropFirst(2).prefix { $0 != "&" }, radix: 16)
      : Int(text).map { UInt32(truncatingIfNeeded: $0) }
    return UInt8((value ?? 0) >> 24)
  }
}
