internal import CFFmpeg
internal import FerryCore

/// How long a file is by its packets, where its header does not say so or only guesses.
///
/// Nothing is decoded. Times go through the same clock as those of a transcode, so that a clock that is set anew on the
/// way counts as nothing.
struct MeasuredLength {
  private var reaches: [Int: Reach] = [:]

  /// How far one stream goes.
  private struct Reach {
    let unit: Double
    var clock: Clock
    var first: Double?
    var end: Double?
    /// From the latest picture to the one before it, for containers that do not say how long a picture lasts.
    var step = 0.0
    private var latest: Double?

    init(unit: Double, mayJump: Bool) {
      self.unit = unit
      clock = Clock(mayJump: mayJump)
    }

    mutating func add(_ raw: AVPacket) {
      let declared = Double(max(0, raw.duration)) * unit
      let decoded = raw.dts != ferry_NOPTS ? raw.dts : raw.pts
      guard decoded != ferry_NOPTS else {
        // Program streams give few packets a time: the rest lie end to end.
        if let end { self.end = end + declared }
        return
      }
      let offset = clock.offset(of: 0, time: Double(decoded) * unit, duration: declared)
      let shown = Double(raw.pts != ferry_NOPTS ? raw.pts : raw.dts) * unit - offset
      first = min(first ?? shown, shown)
      if let latest, shown > latest { step = shown - latest }
      latest = max(latest ?? shown, shown)
      let ends = shown + (declared > 0 ? declared : step)
      end = max(end ?? ends, ends)
    }
  }

  /// `facts` with the lengths that reading all of `demuxer` shows; as they are when it cannot be read to its end.
  static func completing(
    _ facts: SourceFacts, reading demuxer: borrowing Demuxer
  ) throws(MediaError) -> SourceFacts {
    var measuring = MeasuredLength()
    let mayJump = demuxer.raw.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0
    for index in 0..<demuxer.streamCount {
      let stream = try demuxer.stream(index)
      guard stream.isPlayed else { continue }
      measuring.reaches[index] = Reach(unit: av_q2d(stream.pointee.time_base), mayJump: mayJump)
    }
    let packet = try Packet.make()
    do throws(MediaError) {
      while try demuxer.read(into: packet) {
        measuring.reaches[Int(packet.raw.pointee.stream_index)]?.add(packet.raw.pointee)
      }
    } catch {
      // Damage is for the decoding to judge.
      guard error.isInvalidData else { throw error }
      return facts
    }
    return measuring.completing(facts) { demuxer.heard($0) }
  }

  /// `heard` takes off what is before the first moment that is played.
  private func completing(_ facts: SourceFacts, _ heard: (Double) -> Double) -> SourceFacts {
    guard let end = reaches.values.compactMap(\.end).max(), let start = reaches.values.compactMap(\.first).min(),
      let length = MeasuredLength.believed(end - heard(start))
    else { return facts }
    var result = facts
    result.duration = length
    result.durationBasis = .measured
    result.bitRate = facts.size > 0 ? Int(min(Double(facts.size) * 8000 / Double(length.count), 1e12)) : nil
    for index in result.streams.indices {
      guard let reach = reaches[result.streams[index].index], let first = reach.first, let end = reach.end else {
        continue
      }
      result.streams[index].duration = MeasuredLength.believed(end - heard(first))
    }
    return result
  }

  /// Absurd timestamps are no length.
  private static func believed(_ seconds: Double) -> Milliseconds? {
    (0.001...1e9).contains(seconds) ? Milliseconds(seconds: seconds) : nil
  }
}
