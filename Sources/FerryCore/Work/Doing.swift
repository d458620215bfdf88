/// What a process was doing with somebody's media when it was last heard of: the note outlives the process.
package struct Doing: Hashable, Sendable {
  package enum Stage: UInt8, Sendable, CaseIterable {
    case opening = 1
    case reading, decodingPicture, decodingSound
  }

  package var stage: Stage
  /// The file, and perhaps the stream.
  package var subject: String
  /// Where on the file's own clock, as far as that is known.
  package var time: Milliseconds?

  package init(_ stage: Stage, _ subject: String, at time: Milliseconds? = nil) {
    self.stage = stage
    self.subject = subject
    self.time = time
  }
}

extension Doing: CustomStringConvertible {
  /// `decoding the picture of lesson.mp4 (stream 0) at 83.4 s`.
  package var description: String {
    let what =
      switch stage {
      case .opening: "opening"
      case .reading: "reading"
      case .decodingPicture: "decoding the picture of"
      case .decodingSound: "decoding the sound of"
      }
    let place = time.map { " at \(Milliseconds($0.count / 100 * 100).seconds(.tenths))" } ?? ""
    return "\(what) \(subject)\(place)"
  }
}

/// The note as bytes: one small write leaves it whole.
///
/// ```
/// 0  stage   1  whether there is a time   2  bytes of the subject (2)   8  time in ms (8)   16  subject
/// ```
extension Doing {
  package static let noteSize = 1024
  private static let head = 16

  package var note: [UInt8] {
    let name = Array(subject.utf8.prefix(Doing.noteSize - Doing.head))
    var bytes = [UInt8](repeating: 0, count: Doing.head)
    bytes[0] = stage.rawValue
    bytes[1] = time == nil ? 0 : 1
    bytes[2] = UInt8(truncatingIfNeeded: name.count)
    bytes[3] = UInt8(truncatingIfNeeded: name.count >> 8)
    let count = UInt64(bitPattern: Int64(time?.count ?? 0))
    for index in 0..<8 { bytes[8 + index] = UInt8(truncatingIfNeeded: count >> UInt64(8 * index)) }
    return bytes + name
  }

  /// `nil` where nothing was noted.
  package init?(note: [UInt8]) {
    guard note.count >= Doing.head, let stage = Stage(rawValue: note[0]) else { return nil }
    let length = Int(note[2]) | Int(note[3]) << 8
    guard note.count >= Doing.head + length else { return nil }
    var count: UInt64 = 0
    for index in 0..<8 { count |= UInt64(note[8 + index]) << UInt64(8 * index) }
    self.init(
      stage, String(decoding: note[Doing.head..<Doing.head + length], as: UTF8.self),
      at: note[1] == 0 ? nil : Milliseconds(Int(Int64(bitPattern: count))))
  }
}
