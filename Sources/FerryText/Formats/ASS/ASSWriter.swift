package import FerryCore

extension ASS {
  /// The script that holds `cues`: one style, white at the bottom centre of a picture of 1920 by 1080.
  ///
  /// Times are rounded to hundredths of a second, and no cue becomes shorter than one.
  package static func text(of cues: [Cue]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(cues.count * 100 + 1000)
    text += head.utf8
    for cue in cues { append(cue, to: &text) }
    return String(decoding: text, as: UTF8.self)
  }

  private static let head = """
    [Script Info]
    ScriptType: v4.00+
    PlayResX: \(Int(ASSPlacement.canvas.width))
    PlayResY: \(Int(ASSPlacement.canvas.height))
    WrapStyle: 0
    ScaledBorderAndShadow: yes
    YCbCr Matrix: None

    [V4+ Styles]
    Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
    Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, \
    MarginV, Encoding
    Style: Default,Sans-Serif,60,&H00FFFFFF,&H00FFFFFF,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,3,1,2,\
    \(ASSPlacement.canvas.side),\(ASSPlacement.canvas.side),\(ASSPlacement.canvas.bottom),1

    [Events]
    Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text

    """

  private static func append(_ cue: Cue, to text: inout [UInt8]) {
    let start = ASSTime.hundredths(cue.start)
    text += "Dialogue: \(cue.layer),".utf8
    ASSTime.append(hundredths: start, to: &text)
    text.append(UInt8(ascii: ","))
    ASSTime.append(hundredths: max(start + 1, ASSTime.hundredths(cue.end)), to: &text)
    let placement = ASSPlacement(settings: cue.settings)
    let pixels = placement.pixels
    text += ",Default,\(name(of: cue)),\(pixels.left),\(pixels.right),0,,".utf8
    if placement.alignment != 2 { text += "{\\an\(placement.alignment)}".utf8 }
    if let point = pixels.point { text += "{\\pos(\(number(point.x)),\(number(point.y)))}".utf8 }
    var style: Run.Style = []
    for (index, line) in cue.lines.enumerated() {
      if index > 0 { text += "\\N".utf8 }
      for run in line where !run.text.isEmpty {
        change(&style, to: run.style, in: &text)
        escape(run.withRubyInBrackets, to: &text)
      }
    }
    // A blank line alone is not the same as no line.
    if cue.lines.count == 1, cue.lines[0].allSatisfy(\.text.isEmpty) { text += "\\h".utf8 }
    text.append(0x0A)
  }

  /// The speaker, if one speaks all of it; columns end at commas.
  private static func name(of cue: Cue) -> String {
    (cue.onlyVoice ?? "").replacing(",", with: ";")
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  private static func change(_ style: inout Run.Style, to wanted: Run.Style, in text: inout [UInt8]) {
    var tags = ""
    for (one, tag) in [(Run.Style.bold, "b"), (.italic, "i"), (.underline, "u")]
    where style.contains(one) != wanted.contains(one) {
      tags += "\\\(tag)\(wanted.contains(one) ? 1 : 0)"
    }
    if !tags.isEmpty { text += "{\(tags)}".utf8 }
    style = wanted
  }

  /// libass shows `\{` as a brace; a backslash that could mean something gets an invisible joiner behind it.
  private static func escape(_ string: String, to text: inout [UInt8]) {
    let bytes = Array(string.utf8)
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "{") { text.append(UInt8(ascii: "\\")) }
      text.append(byte)
      guard byte == UInt8(ascii: "\\") else { continue }
      let next = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: "{")
      if "Nnh{}\\".utf8.contains(next) || SubRipMarkup.startsWithJoiner(bytes, index + 1, bytes.count) {
        text += SubRipMarkup.joiner
      }
    }
  }
}

extension Cue {
  /// The name that all of the cue's text has for its speaker.
  var onlyVoice: String? {
    let voices = Set(lines.joined().filter { !$0.text.isEmpty }.map(\.voice))
    return voices.count == 1 ? voices.first ?? nil : nil
  }
}
