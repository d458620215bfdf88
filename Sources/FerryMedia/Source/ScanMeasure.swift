internal import CFFmpeg
internal import FerryCore
internal import Foundation

/// Which of a picture's two fields was filmed first.
package enum FieldOrder: Sendable { case topFirst, bottomFirst }

/// Whether pictures are made of two fields, as their lines say and not as the file does.
package struct ScanMeasure: Equatable, Sendable {
  /// The order of the fields; `nil` for whole pictures.
  package var order: FieldOrder?
  /// How many of the decided pictures are interlaced, 0 to 1.
  package var share: Double
  /// Pictures that moved enough to tell.
  package var decided: Int

  /// Looks at some pictures of the beginning, the middle and the end of a stream.
  ///
  /// `flagged` is what the stream says; where it says nothing of fields, they must show as combs (`Combing`).
  package static func of(
    _ path: String, stream: Int, flagged: FieldOrder?, limits: OpenLimits = OpenLimits()
  ) throws(MediaError) -> ScanMeasure {
    let demuxer = try Demuxer.open(path, limits)
    try demuxer.keep([stream])
    let raw = try demuxer.stream(stream)
    let decoder = try Decoder.open(raw, of: path, threads: 2, limits)
    // Blocks at a picture's 8 × 8 edges are no fields.
    decoder.raw.pointee.skip_loop_filter = AVDISCARD_ALL
    var count = Count()
    let seconds = try demuxer.declaredLength(limits) ?? 0
    let start = raw.pointee.start_time == ferry_NOPTS ? 0 : raw.pointee.start_time
    for share in [0, 0.5, 0.9] {
      if share > 0 {
        // A file as short as what is looked at has been seen; one that cannot seek has one place only.
        let time = start.adding(
          bounded: Int64(bounded: (share * seconds / av_q2d(raw.pointee.time_base)).rounded(.down)))
        if seconds < 10 || av_seek_frame(demuxer.raw, Int32(stream), time, AVSEEK_FLAG_BACKWARD) < 0 { break }
        avcodec_flush_buffers(decoder.raw)
      }
      try look(demuxer, decoder, isFlagged: flagged != nil, into: &count)
    }
    return count.measure(flagged)
  }

  /// Pictures looked at in each place.
  private static let sample = 32

  private static func look(
    _ demuxer: borrowing Demuxer, _ decoder: borrowing Decoder, isFlagged: Bool, into count: inout Count
  ) throws(MediaError) {
    let packet = try Packet.make()
    let frame = try Frame.make()
    var detector = Detector(try isFlagged ? nil : Combing())
    var isAtEnd = false
    while detector.seen < sample && !isAtEnd {
      do throws(MediaError) {
        isAtEnd = try !demuxer.read(into: packet)
        if isAtEnd { try decoder.sendEnd() } else { try decoder.send(packet) }
        while detector.seen < sample, try decoder.receive(into: frame) == .ready {
          try keepLuma(frame)
          try detector.send(frame, decoder.timeBase, &count)
        }
      } catch {
        // Damage is for the decoding to judge, and pictures after a seek may lack what they refer to.
        if error.action == .filter { throw error }
        if error.action == .read { isAtEnd = true }
      }
    }
    try detector.finish(frame, &count)
  }

  /// Leaves the middle of a picture's luma, which says as much in a quarter of the time, without a copy.
  private static func keepLuma(_ frame: borrowing Frame) throws(MediaError) {
    let format = try PixelFormat(AVPixelFormat(frame.raw.pointee.format))
    let grey = [8: AV_PIX_FMT_GRAY8, 10: AV_PIX_FMT_GRAY10LE, 12: AV_PIX_FMT_GRAY12LE][format.depth]
    guard let grey, format.hasOwnLuma, let luma = frame.raw.pointee.data.0 else { return }
    frame.raw.pointee.format = grey.rawValue
    let width = min(frame.raw.pointee.width, 720)
    let left = Int(frame.raw.pointee.width - width) / 2 & ~31
    frame.raw.pointee.data.0 = luma + left * ((format.depth + 7) / 8)
    frame.raw.pointee.width = width
  }

  /// FFmpeg's `idet`, renewed when pictures change.
  private struct Detector: ~Copyable {
    private var graph: FilterGraph?
    private var source: Scaler.Source?
    private let combing: Combing?
    private(set) var seen = 0

    init(_ combing: consuming Combing?) {
      graph = nil
      self.combing = combing
    }

    mutating func send(
      _ frame: borrowing Frame, _ timeBase: AVRational, _ count: inout Count
    ) throws(MediaError) {
      let picture = Scaler.Source(frame)
      if picture != source {
        // (What the old one holds back is one picture.)
        // Flags would make it believe the file.
        graph = try FilterGraph.open(
          [.init("idet", [("analyze_interlaced_flag", "0")])], like: frame, timeBase: timeBase)
        source = picture
      }
      seen += 1
      switch graph {
      case .none: break
      case .some(let graph):
        try graph.send(frame)
        try count.take(frame, from: graph, combing)
      }
    }

    func finish(_ frame: borrowing Frame, _ count: inout Count) throws(MediaError) {
      switch graph {
      case .none: break
      case .some(let graph):
        try graph.sendEnd()
        try count.take(frame, from: graph, combing)
      }
    }
  }

  /// What `idet` said of each picture.
  private struct Count {
    var top = 0
    var bottom = 0
    var progressive = 0

    mutating func take(
      _ frame: borrowing Frame, from detector: borrowing FilterGraph, _ combing: borrowing Combing?
    ) throws(MediaError) {
      while try detector.receive(into: frame) == .ready {
        let key = "lavfi.idet.multiple.current_frame"
        let said = av_dict_get(frame.raw.pointee.metadata, key, nil, 0).map { String(cString: $0.pointee.value) }
        let looks: Combing.Look =
          switch combing {
          case .none: .combed
          case .some(let combing): try combing.look(at: frame)
          }
        switch (said, looks) {
        case ("tff", .combed): top += 1
        case ("bff", .combed): bottom += 1
        case ("progressive", _), (_, .whole): progressive += 1
        default: break
        }
      }
    }

    func measure(_ flagged: FieldOrder?) -> ScanMeasure {
      let decided = top + bottom + progressive
      let share = decided == 0 ? 0 : Double(top + bottom) / Double(decided)
      let order: FieldOrder? =
        if decided < 10 {
          flagged
        } else if share >= 0.3 {
          top == bottom ? flagged : top > bottom ? .topFirst : .bottomFirst
        } else {
          share < 0.1 ? nil : flagged
        }
      return ScanMeasure(order: order, share: share, decided: decided)
    }
  }
}
