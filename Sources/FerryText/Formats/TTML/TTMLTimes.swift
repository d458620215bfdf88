internal import FerryCore

/// Reads TTML's time expressions, in milliseconds.
struct TTMLTimes {
  enum Fault: Error {
    case malformed, negative, outOfRange
    case frame(rate: Int)
  }

  enum DropMode { case none, ntsc, pal }

  /// Frames a second, as time codes count them.
  var frameRate = 30
  /// What a second's frames really are, relative to `frameRate`.
  var multiplier = 1.0
  var subFrameRate = 1
  var tickRate = 1.0
  var isTimeCode = false
  var dropMode = DropMode.none
  /// Whether the document says how fast frames go.
  var hasFrameRate = false

  /// The time that `text` says, and what was tolerated to read it.
  func milliseconds(_ text: String, note: (Repair) -> Void) throws(Fault) -> Double {
    var cursor = Cursor(bytes: Array(text.utf8))
    cursor.skipBlanks()
    if cursor.take(0x2D) { throw .negative }
    let first = try cursor.number()
    if cursor.take(0x3A) { return try clock(first, &cursor, note: note) }
    let value = Double(first) + (cursor.take(0x2E) ? try cursor.fraction() : 0)
    let metric = cursor.word()
    guard cursor.isAtEnd else { throw .malformed }
    switch metric {
    case "h": return value * 3_600_000
    case "m": return value * 60_000
    case "s": return value * 1000
    case "ms": return value
    case "f":
      if !hasFrameRate { note(.assumedFrameRate) }
      return value * 1000 / (Double(frameRate) * multiplier)
    case "t": return value * 1000 / tickRate
    default: throw .malformed
    }
  }

  /// `hh:mm:ss`, with a fraction or with frames.
  private func clock(_ hours: Int, _ cursor: inout Cursor, note: (Repair) -> Void) throws(Fault) -> Double {
    let short = cursor.index < 3
    let minutesAt = cursor.index
    let minutes = try cursor.number()
    let hasShortMinutes = cursor.index - minutesAt != 2
    guard cursor.take(0x3A) else { throw .malformed }
    let secondsAt = cursor.index
    let seconds = try cursor.number()
    if short || hasShortMinutes || cursor.index - secondsAt != 2 { note(.shortField) }
    // A leap second may be written, and is none on a programme's timeline.
    guard minutes < 60, seconds < 60 else { throw .outOfRange }
    var whole = Double((hours * 60 + minutes) * 60 + seconds)
    var frames = 0.0
    if cursor.take(0x2E) {
      whole += try cursor.fraction()
    } else if cursor.take(0x2C) {
      note(.decimalComma)
      whole += try cursor.fraction()
    } else if cursor.take(0x3A) || cursor.take(0x3B) {
      if !hasFrameRate { note(.assumedFrameRate) }
      let count = try cursor.number()
      guard count < frameRate else { throw .frame(rate: frameRate) }
      frames = Double(count)
      if cursor.take(0x2E) {
        let sub = try cursor.number()
        guard sub < subFrameRate else { throw .malformed }
        frames += Double(sub) / Double(subFrameRate)
      }
    }
    guard cursor.isAtEnd else { throw .malformed }
    let rate = Double(frameRate) * multiplier
    guard isTimeCode else { return whole * 1000 + frames * 1000 / rate }
    // Time codes count frames (TTML 2, section H.2.3); those that dropping leaves out never were.
    let dropped =
      switch dropMode {
      case .none: 0
      case .ntsc: (hours * 54 + minutes - minutes / 10) * 2
      case .pal: (hours * 27 + minutes / 2 - minutes / 20) * 4
      }
    return (whole * Double(frameRate) + frames - Double(dropped)) * 1000 / rate
  }

  private struct Cursor {
    let bytes: [UInt8]
    var index = 0

    mutating func skipBlanks() {
      while index < bytes.count, bytes[index] == 0x20 { index += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
      guard index < bytes.count, bytes[index] == byte else { return false }
      index += 1
      return true
    }

    /// Nine digits of hours are a hundred thousand years; ticks need more.
    mutating func number() throws(Fault) -> Int {
      let digits = bytes[index...].prefix { $0.isASCIIDigit }
      guard (1...15).contains(digits.count) else { throw .malformed }
      index = digits.endIndex
      return digits.reduce(0) { $0 * 10 + Int($1 & 0x0F) }
    }

    mutating func fraction() throws(Fault) -> Double {
      let digits = bytes[index...].prefix { $0.isASCIIDigit }
      guard !digits.isEmpty else { throw .malformed }
      index = digits.endIndex
      let kept = digits.prefix(15)
      var scale = 1.0
      for _ in kept { scale *= 10 }
      return Double(kept.reduce(0) { $0 * 10 + Int($1 & 0x0F) }) / scale
    }

    mutating func word() -> String {
      let letters = bytes[index...].prefix { $0.isASCIILetter }
      index = letters.endIndex
      return String(decoding: letters, as: UTF8.self)
    }

    var isAtEnd: Bool {
      mutating get {
        skipBlanks()
        return index == bytes.count
      }
    }
  }
}
