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
    /// What a picture decoder is given, byte for byte: streams that share it decode alike.
    package var content: PacketDigest.Value?
  }

  /// Streams that were decoded without complaint, and how many pictures each gave.
  package var proven: [PacketDigest.Value: Int] {
    complaints.isEmpty
      ? Dictionary(streams.compactMap { one in one.content.map { ($0, one.frames) } }) { first, _ in first } : [:]
  }
}

extension Examination {
  /// Reads and decodes all of `path` on the calling thread.
  ///
  /// Success is judged by what came out and what was complained of, never by FFmpeg's return codes alone. Pictures
  /// whose packets are `proven` already, in another file, are read but not decoded again.
  package static func of(
    _ path: String, limits: OpenLimits = OpenLimits(), proven: [PacketDigest.Value: Int] = [:]
  ) throws(MediaError) -> Examination {
    let (examination, lines) = try LibraryLog.capture { () throws(MediaError) in
      let spared = proven.isEmpty ? [] : try Examiner.spared(path, limits, proven)
      var examiner = try Examiner.open(path, limits, spared: spared)
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
    let digest: PacketDigest?

    init(_ decoder: consuming Decoder?, _ kind: StreamFacts.Kind, _ digest: PacketDigest?) {
      self.decoder = decoder
      self.kind = kind
      self.digest = digest
    }
  }

  /// The picture streams of `path` that hold packet for packet what was decoded before, one picture a packet.
  static func spared(
    _ path: String, _ limits: OpenLimits, _ proven: [PacketDigest.Value: Int]
  ) throws(MediaError) -> Set<Int> {
    let demuxer = try Demuxer.open(path, limits)
    let videos = try Probe.facts(of: demuxer).streams.filter { $0.kind == .video && !$0.isAttachedPicture }
    var read: [Int: (digest: PacketDigest, packets: Int)] = [:]
    for stream in videos { read[stream.index] = (try PacketDigest(try demuxer.stream(stream.index)), 0) }
    let packet = try Packet.make()
    while try demuxer.read(into: packet) {
      let index = Int(packet.raw.pointee.stream_index)
      guard let digest = read[index]?.digest else { continue }
      // What an edit list hides is decoded but not shown.
      if packet.raw.pointee.flags & AV_PKT_FLAG_DISCARD != 0 { read[index] = nil }
      digest.add(packet.raw)
      read[index]?.packets += 1
    }
    return Set(read.filter { proven[$0.value.digest.value] == $0.value.packets }.keys)
  }

  static func open(_ path: String, _ limits: OpenLimits, spared: Set<Int>) throws(MediaError) -> Examiner {
    let demuxer = try Demuxer.open(path, limits)
    let facts = try Probe.facts(of: demuxer)
    var decoders: [OpenStream] = []
    for stream in facts.streams {
      let isPictures = stream.kind == .video && !stream.isAttachedPicture
      let isDecoded = (isPictures || stream.kind == .audio) && !spared.contains(stream.index)
      let raw = try demuxer.stream(stream.index)
      guard isDecoded else {
        decoders.append(OpenStream(nil, stream.kind, nil))
        continue
      }
      let decoder = try Decoder.open(raw, of: path, threads: 1, limits)
      // Nobody looks at these pictures, and no damage shows in the last smoothing of one.
      decoder.raw.pointee.skip_loop_filter = AVDISCARD_ALL
      decoders.append(OpenStream(decoder, stream.kind, isPictures ? try PacketDigest(raw) : nil))
    }
    return Examiner(
      demuxer: demuxer, decoders: decoders,
      readings: facts.streams.map { _ in .init(frames: 0, start: nil, end: nil, texts: [], content: nil) })
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
      for index in decoders.indices {
        try decode(nil, at: index, through: frame)
        readings[index].content = decoders[index].digest?.value
      }
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
      let end = Probe.milliseconds(raw.pts.adding(bounded: max(0, raw.duration)), timeBase) ?? start
      extend(index, from: start, to: end)
      if decoders[index].kind == .subtitle, let data = raw.data {
        readings[index].texts.append(
          .init(
            start: CueTime(milliseconds: start.count), end: CueTime(milliseconds: end.count),
            payload: Array(UnsafeBufferPointer(start: data, count: Int(raw.size)))))
      }
      return
    }
    decoders[index].digest?.add(packet.raw)
    try decode(packet.raw, at: index, through: frame)
  }

  /// Decodes a packet, or with `nil` what the decoder still holds.
  private mutating func decode(
    _ packet: UnsafeMutablePointer<AVPacket>?, at index: Int, through frame: borrowing Frame
  ) throws(MediaError) {
    let stream = decoders[index]
    guard stream.decoder != nil, packet?.isEmpty != true else { return }
    let code: Int32
    switch stream.decoder {
    case .none: return
    case .some(let decoder):
      decoder.note(packet)
      code = avcodec_send_packet(decoder.raw, packet)
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
          ? Milliseconds(seconds: Double(raw.nb_samples) / Double(max(1, raw.sample_rate)))
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
