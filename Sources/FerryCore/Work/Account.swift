/// What was read of one stream of the source, and what became of every packet of it.
package struct Account: Hashable, Sendable, Codable {
  package var stream: Int
  package var kind: StreamFacts.Kind
  /// Read from the file.
  package var packets = 0
  package var bytes = 0
  /// From the first packet's time to the end of the last, on the timeline.
  package var read: Milliseconds = 0
  /// What the decoder gave: pictures, or frames of sound.
  package var frames = 0
  /// Packets that became one of these.
  package var made = 0
  /// Packets that hold nothing of their own: without data, the second field of a picture, a picture never shown, or
  /// what the file itself says to discard.
  package var empty = 0
  /// Packets before the first picture or sound that can be decoded.
  package var leading = 0
  /// Packets that could not be decoded, each with a fault that was judged.
  package var refused = 0
  /// Packets of which nothing came out, without a fault.
  package var lost = 0
  /// What came out, but for a time that was past already, so that none of it is shown or heard.
  package var late: Milliseconds = 0
  /// Where on the timeline the first loss was.
  package var firstLoss: Milliseconds?

  package init(stream: Int, kind: StreamFacts.Kind) {
    self.stream = stream
    self.kind = kind
  }

  /// Packets that are neither made nor explained; none, in a sound account.
  package var remainder: Int { packets - made - empty - leading - refused - lost }

  /// What is missing, in words; `nil` when nothing is.
  package var loss: String? {
    if lost == 0, late == 0, remainder == 0 { return nil }
    let what = kind == .audio ? "sound" : "picture"
    let place = firstLoss.map { " from \($0.tenths) s on" } ?? ""
    if late > 0 {
      return "\(late.tenths) s of its \(what) (stream \(stream))\(place) go back in time and would not be "
        + (kind == .audio ? "heard" : "seen")
    }
    return "nothing came of \(lost + remainder) of the \(packets) packets of its \(what) (stream \(stream))\(place)"
  }
}

extension Milliseconds {
  /// Seconds with one decimal.
  fileprivate var tenths: String {
    let rounded = (count + 50) / 100
    return "\(rounded / 10).\(abs(rounded % 10))"
  }
}
