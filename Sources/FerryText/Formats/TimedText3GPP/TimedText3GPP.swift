package import FerryCore

/// One sample of a timed-text track in an MP4 file.
package struct TextSample: Hashable, Sendable {
  package var start: CueTime
  package var end: CueTime
  package var payload: [UInt8]

  package init(start: CueTime, end: CueTime, payload: [UInt8]) {
    self.start = start
    self.end = end
    self.payload = payload
  }
}

/// Timed text as 3GPP TS 26.245 puts it into MP4 (`tx3g`; libavcodec's `mov_text`).
package enum TimedText3GPP {
  /// The sample entry's own fields, from the display flags to the font table: what libavcodec takes as extradata.
  ///
  /// White text at the bottom centre of the whole picture, on no background.
  package static let sampleDescription: [UInt8] = {
    var bytes: [UInt8] = []
    bytes.append32(0)  // display flags: nothing scrolls
    bytes += [1, 0xFF]  // justification: centre, bottom (-1)
    bytes.append32(0)  // background: transparent
    for _ in 0..<4 { bytes.append16(0) }  // text box: the track's whole area
    bytes.appendStyle([], from: 0, to: 0)
    let font = Array("Sans-Serif".utf8)
    bytes.append32(8 + 2 + 2 + 1 + UInt32(font.count))
    bytes += "ftab".utf8
    bytes.append16(1)
    bytes.append16(fontIdentifier)
    bytes.append(UInt8(font.count))
    bytes += font
    return bytes
  }()

  fileprivate static let fontIdentifier: UInt16 = 1
  fileprivate static let fontSize: UInt8 = 18

  /// Samples that cover the track from 0 to `end`; where nothing is shown, an empty one clears the screen.
  package static func samples(of cues: [Cue], until end: CueTime) throws(Fault) -> [TextSample] {
    var samples: [TextSample] = []
    for state in Flatten.states(of: cues, until: end) {
      samples.append(TextSample(start: state.start, end: state.end, payload: try payload(of: state)))
    }
    return samples
  }

  /// The text's length and UTF-8, then a `styl` box where it is not all plain.
  private static func payload(of state: ScreenState) throws(Fault) -> [UInt8] {
    var text: [UInt8] = []
    var styles: [UInt8] = []
    var position = 0
    var count: UInt16 = 0
    for (index, line) in shown(state.lines).enumerated() {
      if index > 0 {
        text.append(0x0A)
        position += 1
      }
      for run in line {
        text += run.text.utf8
        let end = position + run.text.unicodeScalars.count
        if !run.style.isEmpty, end > position, text.count <= Int(UInt16.max) {
          styles.appendStyle(run.style, from: UInt16(position), to: UInt16(end))
          count += 1
        }
        position = end
      }
    }
    guard let length = UInt16(exactly: text.count) else { throw .tooLong(state.start, bytes: text.count) }
    var payload: [UInt8] = []
    payload.append16(length)
    payload += text
    if count > 0 {
      payload.append32(UInt32(8 + 2 + styles.count))
      payload += "styl".utf8
      payload.append16(count)
      payload += styles
    }
    // The limit of what demuxers take for one sample of text.
    guard payload.count <= Int(UInt16.max) else { throw .tooLong(state.start, bytes: payload.count) }
    return payload
  }

  /// Lines as a track of this format can show them: without speakers, and with ruby in brackets.
  package static func shown(_ lines: [[Run]]) -> [[Run]] { lines.map(\.withoutVoicesAndRuby) }

  /// The lines of a sample, as a player reads them; modifier boxes other than styles are skipped.
  package static func lines(of payload: [UInt8]) throws(Fault) -> [[Run]] {
    try read(payload, style: []).lines
  }

  /// The lines of a sample whose text without a style of its own has `style`, and whether boxes were skipped.
  static func read(_ payload: [UInt8], style: Run.Style) throws(Fault) -> (lines: [[Run]], hasOtherBoxes: Bool) {
    guard let length = payload.read16(at: 0), payload.count >= 2 + Int(length) else { throw .malformed("text length") }
    let bytes = payload[2..<(2 + Int(length))]
    let scalars = Array(try text(bytes).unicodeScalars)
    var styles = [Run.Style](repeating: style, count: scalars.count)
    var hasOtherBoxes = false
    var offset = bytes.endIndex
    while offset < payload.count {
      guard let size = payload.read32(at: offset), size >= 8, payload.count - offset >= Int(size) else {
        throw .malformed("box size")
      }
      if payload[(offset + 4)..<(offset + 8)].elementsEqual("styl".utf8) {
        try readStyles(payload, from: offset + 8, to: offset + Int(size), into: &styles)
      } else {
        hasOtherBoxes = true
      }
      offset += Int(size)
    }
    if scalars.isEmpty { return ([], hasOtherBoxes) }
    var builder = RunBuilder()
    for (scalar, style) in zip(scalars, styles) {
      if scalar == "\n" {
        builder.endLine()
      } else {
        builder.set(style: style)
        builder.append(String(scalar).utf8)
      }
    }
    return (builder.finish(), hasOtherBoxes)
  }

  /// UTF-8, or UTF-16 behind its byte-order mark, which is no character of the text.
  private static func text(_ bytes: ArraySlice<UInt8>) throws(Fault) -> String {
    guard bytes.starts(with: [0xFE, 0xFF]) else {
      guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed("text, which is not UTF-8") }
      return text
    }
    let units = stride(from: bytes.startIndex + 2, to: bytes.endIndex - 1, by: 2).map {
      UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
    }
    guard bytes.count % 2 == 0, let text = String(validating: units, as: UTF16.self) else {
      throw .malformed("text, which is not UTF-16")
    }
    return text
  }

  /// What a sample description says of all its samples: the style, and where the text stands, in WebVTT's settings.
  static func defaults(of description: [UInt8]) -> (style: Run.Style, settings: String) {
    guard description.count >= 30 else { return ([], "") }
    let column = [0: 0, 1: 1][description[4]] ?? 2
    let row = [0: 2, 1: 1][description[5]] ?? 0
    let placement = ASSPlacement(
      alignment: row * 3 + column + 1, left: 0, right: 0, vertical: 0, point: nil)
    return (Run.Style(faceFlags: description[24]), placement.settings)
  }

  private static func readStyles(
    _ payload: [UInt8], from start: Int, to end: Int, into styles: inout [Run.Style]
  ) throws(Fault) {
    guard let count = payload.read16(at: start), start + 2 + Int(count) * 12 <= end else {
      throw .malformed("number of styles")
    }
    for index in 0..<Int(count) {
      let record = start + 2 + index * 12
      guard let first = payload.read16(at: record), let last = payload.read16(at: record + 2), first <= last,
        Int(last) <= styles.count
      else { throw .malformed("style range") }
      for position in Int(first)..<Int(last) { styles[position] = Run.Style(faceFlags: payload[record + 6]) }
    }
  }

  /// Why text does not fit into a sample, or a sample is not text.
  package enum Fault: Error, Hashable, CustomStringConvertible {
    case tooLong(CueTime, bytes: Int)
    case malformed(String)

    package var description: String {
      switch self {
      case .tooLong(let time, let bytes):
        var clock: [UInt8] = []
        ClockText.append(time, point: ".", to: &clock)
        return "the text shown at \(String(decoding: clock, as: UTF8.self)) takes \(bytes) bytes, "
          + "and an MP4 text sample holds 65535: split the cue"
      case .malformed(let part): return "an MP4 text sample has a wrong \(part)"
      }
    }
  }
}

extension Run.Style {
  fileprivate init(faceFlags: UInt8) {
    self = []
    if faceFlags & 1 != 0 { insert(.bold) }
    if faceFlags & 2 != 0 { insert(.italic) }
    if faceFlags & 4 != 0 { insert(.underline) }
  }

  fileprivate var faceFlags: UInt8 {
    (contains(.bold) ? 1 : 0) | (contains(.italic) ? 2 : 0) | (contains(.underline) ? 4 : 0)
  }
}

extension [UInt8] {
  fileprivate mutating func append16(_ value: UInt16) {
    append(UInt8(value >> 8))
    append(UInt8(value & 0xFF))
  }

  fileprivate mutating func append32(_ value: UInt32) {
    append16(UInt16(value >> 16))
    append16(UInt16(value & 0xFFFF))
  }

  /// A style record; offsets count code points, not bytes.
  fileprivate mutating func appendStyle(_ style: Run.Style, from start: UInt16, to end: UInt16) {
    append16(start)
    append16(end)
    append16(TimedText3GPP.fontIdentifier)
    append(style.faceFlags)
    append(TimedText3GPP.fontSize)
    append32(0xFFFF_FFFF)  // opaque white
  }

  fileprivate func read16(at offset: Int) -> UInt16? {
    count - offset >= 2 ? UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) : nil
  }

  fileprivate func read32(at offset: Int) -> UInt32? {
    guard let high = read16(at: offset), let low = read16(at: offset + 2) else { return nil }
    return UInt32(high) << 16 | UInt32(low)
  }
}
