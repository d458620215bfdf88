internal import CFFmpeg
package import FerryCore

/// What a full reading of a media file showed: every packet read, every picture and sound decoded.
package struct Examination: Sendable {
  package var facts: SourceFacts
  /// In the order of the file's streams.
  package var streams: [StreamReading]
  /// All that FFmpeg complained of, each at most once; empty for a sound file.
  package var complaints: [String]

  /// What one stream really holds.
  package struct StreamReading: Sendable {
    /// Decoded pictures or sound frames; packets for the rest.
    package var frames: Int
    package var start: Milliseconds?
    package var end: Milliseconds?
    /// For text streams.
    package var texts: [TextStream.Sample]
  }
}

extension Examination {
  /// Reads and decodes all of `path` on the calling thread.
  ///
  /// Success is judged by what came out and what was complained of, never by FFmpeg's return codes alone.
  package static func of(_ path: String, limits: OpenLimits = OpenLimits()) throws(MediaError) -> Examination {
    let (examination, lines) = try LibraryLog.capture { () throws(MediaError) in
      var examiner = try Examiner.open(path, limits)
      return try examiner.run()
    }
    var result = examination
    result.complaints = []
    for line in examination.complaints + lines where !result.complaints.contains(line) {
      result.complaints.append(line)
    }
    return result
  }
}

/// Decodes everything and keeps only counts and times.
private struct Examiner: ~Copyable {
  private let demuxer: Demuxer
  private let decoders: [OpenStream]
  private var readings: [Examination.StreamReading]
  private var complaints: [String] = []

  /// A decoder that an array can hold.
  private final class OpenStream {
    let decoder: Decoder?
    let kind: StreamFacts.Kind

    init(_ decoder: consuming Decoder?, _ kind: StreamFacts.Kind) {
      self.decoder = decoder
      self.kind = kind
    }
  }

  static func open(_ path: String, _ limits: OpenLimits) throws(MediaError) -> Examiner {
    let demuxer = try Demuxer.open(path, limits)
    let facts = try Probe.facts(of: demuxer)
    var decoders: [OpenStream] = []
    for stream in facts.streams {
      let isDecoded = stream.kind == .video && !stream.isAttachedPicture || stream.kind == .audio
      decoders.append(
        OpenStream(
          isDecoded ? try Decoder.open(try demuxer.stream(stream.index), of: path, threads: 1, limits) : nil,
          stream.kind))
    }
    return Examiner(
      demuxer: demuxer, decoders: decoders,
      readings: facts.streams.map { _ in .init(frames: 0, start: nil, end: nil, texts: []) })
  }

  private init(
    demuxer: consuming Demuxer, decoders: [OpenStream], readings: [Examination.StreamReading]
  ) {
    self.demuxer = demuxer
    self.decoders = decoders
    self.readings = readings
  }

  mutating func run() throws(MediaError) -> Examination {
    let packet = try Packet.make()
    let frame = try Frame.make()
    do throws(MediaError) {
      while try demuxer.read(into: packet) {
        let index = Int(packet.raw.pointee.stream_index)
        guard index < decoders.count else { continue }
        try take(packet, at: index, through: frame)
      }
      for index in decoders.indices { try decode(nil, at: index, through: frame) }
    } catch {
      complaints.append(error.description)
    }
    return Examination(facts: try Probe.facts(of: demuxer), streams: readings, complaints: complaints)
  }

  private mutating func take(
    _ packet: borrowing Packet, at index: Int, through frame: borrowing Frame
  ) throws(MediaError) {
    let timeBase = try demuxer.stream(index).pointee.time_base
    if decoders[index].decoder == nil {
      let raw = packet.raw.pointee
      let start = Probe.milliseconds(raw.pts, timeBase) ?? 0
      let end = Probe.milliseconds(raw.pts + raw.duration, timeBase) ?? start
      extend(index, from: start, to: end)
      if decoders[index].kind == .subtitle, let data = raw.data {
        readings[index].texts.append(
          .init(
            start: CueTime(milliseconds: start.count), end: CueTime(milliseconds: end.count),
            payload: Array(UnsafeBufferPointer(start: data, count: Int(raw.size)))))
      }
      return
    }
    try decode(packet.raw, at: index, through: frame)
  }

  /// Decodes a packet, or with `nil` what the decoder still holds.
  private mutating func decode(
    _ packet: UnsafeMutablePointer<AVPacket>?, at index: Int, through frame: borrowing Frame
  ) throws(MediaError) {
    let stream = decoders[index]
    guard stream.decoder != nil else { return }
    let code: Int32
    switch stream.decoder {
    case .none: return
    case .some(let decoder): code = avcodec_send_packet(decoder.raw, packet)
    }
    if code < 0 {
      complaints.append("stream \(index): " + MediaError(.decode, demuxer.path, code: code).description)
      return
    }
    while true {
      switch stream.decoder {
      case .none: return
      case .some(let decoder):
        if try decoder.receive(into: frame) != .ready { return }
        let raw = frame.raw.pointee
        if raw.decode_error_flags != 0 { complaints.append("stream \(index): a damaged picture or sound") }
        let start = Probe.milliseconds(raw.best_effort_timestamp, decoder.timeBase) ?? readings[index].end ?? 0
        let length: Milliseconds =
          stream.kind == .audio
          ? Milliseconds(Int(raw.nb_samples) * 1000 / Int(max(1, raw.sample_rate)))
          : Probe.milliseconds(ferry_frame_duration(frame.raw), decoder.timeBase) ?? 0
        extend(index, from: start, to: Milliseconds(start.count + length.count))
      }
    }
  }

  private mutating func extend(_ index: Int, from start: Milliseconds, to end: Milliseconds) {
    readings[index].frames += 1
    readings[index].start = min(readings[index].start ?? start, start)
    readings[index].end = max(readings[index].end ?? end, end)
  }
}
