internal import CFFmpeg
package import FerryCore

/// One text track for an MP4, as ready-made samples.
package struct TextStream: Sendable {
  /// One state of the screen; in MP4 the samples together cover the programme without gap or overlap.
  package struct Sample: Sendable {
    package var start: CueTime
    package var end: CueTime
    package var payload: [UInt8]

    package init(start: CueTime, end: CueTime, payload: [UInt8]) {
      self.start = start
      self.end = end
      self.payload = payload
    }
  }

  /// How the samples are coded.
  package enum Coding: Hashable, Sendable {
    /// 3GPP timed text, for MP4, with the `tx3g` sample entry's own fields (3GPP TS 26.245, 5.16).
    case tx3g([UInt8])
    /// SubRip's text in UTF-8, for Matroska.
    case subRip
  }

  package var language: LanguageTag
  package var name: String
  package var isDefault: Bool
  package var coding: Coding
  package var samples: [Sample]

  package init(language: LanguageTag, name: String, isDefault: Bool, coding: Coding, samples: [Sample]) {
    self.language = language
    self.name = name
    self.isDefault = isDefault
    self.coding = coding
    self.samples = samples
  }
}

/// One MP4 or Matroska file made of encoded files and text: packets are copied, nothing is encoded.
package enum SingleFile {
  package enum Container: String, Sendable { case mp4, matroska }

  /// Writes picture, sound, text and chapters into one file; an MP4 plays before it is whole (`moov` first).
  ///
  /// Packets lie side by side in steps of half a second, always in the same order, so the bytes depend on nothing else.
  package static func write(
    _ path: String, as container: Container, video: String?, audio: String?, text: [TextStream],
    chapters: [SourceFacts.Chapter], title: String
  ) throws(MediaError) {
    let output = try Output.open(path, container, title: title)
    try output.add(chapters)
    var inputs: [Input] = []
    for source in [video, audio].compactMap({ $0 }) { inputs.append(try Input(source, to: output)) }
    for track in text { inputs.append(try Input(track, to: output)) }
    try output.begin()
    while true {
      var next: (input: Input, turn: (Int64, Int64))?
      for input in inputs {
        guard let turn = input.turn else { continue }
        if let earlier = next?.turn, earlier <= turn { continue }
        next = (input, turn)
      }
      guard let next else { break }
      try next.input.writeNext(to: output)
    }
    try output.finish()
  }

  /// The file being written.
  private struct Output: ~Copyable {
    let raw: UnsafeMutablePointer<AVFormatContext>
    let path: String
    var isMP4: Bool { String(cString: raw.pointee.oformat.pointee.name) == "mp4" }

    static func open(_ path: String, _ container: Container, title: String) throws(MediaError) -> Output {
      _ = LibraryLog.install
      var raw: UnsafeMutablePointer<AVFormatContext>?
      try check(avformat_alloc_output_context2(&raw, nil, container.rawValue, "file:" + path), .write, path)
      let output = Output(raw: try unwrap(raw, .write, path), path: path)
      output.raw.pointee.flags |= AVFMT_FLAG_BITEXACT
      output.raw.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL
      av_dict_set(&output.raw.pointee.metadata, "title", title, 0)
      try check(avio_open(&output.raw.pointee.pb, "file:" + path, AVIO_FLAG_WRITE), .write, path)
      return output
    }

    func add(_ chapters: [SourceFacts.Chapter]) throws(MediaError) {
      if chapters.isEmpty { return }
      let size = MemoryLayout<UnsafeMutablePointer<AVChapter>?>.stride
      guard let list = av_calloc(chapters.count, size) else { throw MediaError(.write, path, code: ferry_ENOMEM) }
      raw.pointee.chapters = list.assumingMemoryBound(to: UnsafeMutablePointer<AVChapter>?.self)
      for (index, chapter) in chapters.enumerated() {
        guard let memory = av_mallocz(MemoryLayout<AVChapter>.size) else {
          throw MediaError(.write, path, code: ferry_ENOMEM)
        }
        let made = memory.assumingMemoryBound(to: AVChapter.self)
        made.pointee.id = Int64(index + 1)
        made.pointee.time_base = AVRational(num: 1, den: 1000)
        made.pointee.start = Int64(chapter.start.count)
        made.pointee.end = Int64(chapter.end.count)
        av_dict_set(&made.pointee.metadata, "title", chapter.name ?? "\(index + 1)", 0)
        raw.pointee.chapters[index] = made
        raw.pointee.nb_chapters = UInt32(index + 1)
      }
    }

    func begin() throws(MediaError) {
      var options: OpaquePointer?
      defer { av_dict_free(&options) }
      if isMP4 { av_dict_set(&options, "movflags", "+faststart", 0) }
      try check(avformat_write_header(raw, &options), .write, path)
    }

    consuming func finish() throws(MediaError) {
      try check(av_write_trailer(raw), .finish, path)
      if let pb = raw.pointee.pb { try check(pb.pointee.error, .finish, path) }
      try check(avio_closep(&raw.pointee.pb), .finish, path)
    }

    deinit { free(raw) }
  }

  /// One stream on its way into the file, with its next packet at hand.
  private final class Input {
    private enum Source {
      case file(DemuxedStream)
      case text([TextStream.Sample], next: Int)
    }

    private var source: Source
    private let stream: UnsafeMutablePointer<AVStream>
    private let packet: Packet
    private var timeBase: AVRational
    private var isOver = false
    /// Where a file's first packet is by FFmpeg's reading.
    private var start: Int64?
    private var isPicture: Bool { stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO }

    convenience init(_ path: String, to output: borrowing Output) throws(MediaError) {
      let demuxed = try DemuxedStream(path)
      let stream = try unwrap(avformat_new_stream(output.raw, nil), .write, output.path)
      let original = try demuxed.stream
      try check(avcodec_parameters_copy(stream.pointee.codecpar, original.pointee.codecpar), .write, output.path)
      let isHEVC = stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_HEVC
      stream.pointee.codecpar.pointee.codec_tag = isHEVC && output.isMP4 ? ferry_hvc1 : 0
      stream.pointee.time_base = original.pointee.time_base
      stream.pointee.avg_frame_rate = original.pointee.avg_frame_rate
      stream.pointee.disposition = AV_DISPOSITION_DEFAULT
      av_dict_copy(&stream.pointee.metadata, original.pointee.metadata, 0)
      try self.init(.file(demuxed), stream, timeBase: original.pointee.time_base)
    }

    convenience init(_ track: TextStream, to output: borrowing Output) throws(MediaError) {
      let stream = try unwrap(avformat_new_stream(output.raw, nil), .write, output.path)
      guard let parameters = stream.pointee.codecpar else {
        throw MediaError(.write, output.path, code: ferry_ENOMEM)
      }
      parameters.pointee.codec_type = AVMEDIA_TYPE_SUBTITLE
      switch track.coding {
      case .subRip: parameters.pointee.codec_id = AV_CODEC_ID_SUBRIP
      case .tx3g(let description):
        parameters.pointee.codec_id = AV_CODEC_ID_MOV_TEXT
        let padded = description.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)
        guard let extradata = av_mallocz(padded) else { throw MediaError(.write, output.path, code: ferry_ENOMEM) }
        extradata.copyMemory(from: description, byteCount: description.count)
        parameters.pointee.extradata = extradata.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = Int32(description.count)
      }
      // FFmpeg compares the clocks of text and other tracks as bare numbers: the text's must not run slower than theirs.
      stream.pointee.time_base = AVRational(num: 1, den: 90_000)
      stream.pointee.disposition = track.isDefault ? AV_DISPOSITION_DEFAULT : 0
      av_dict_set(&stream.pointee.metadata, "language", track.language.terminologyCode, 0)
      av_dict_set(&stream.pointee.metadata, "handler_name", track.name, 0)
      av_dict_set(&stream.pointee.metadata, "title", track.name, 0)
      try self.init(.text(track.samples, next: 0), stream, timeBase: AVRational(num: 1, den: 1000))
    }

    private init(
      _ source: Source, _ stream: UnsafeMutablePointer<AVStream>, timeBase: AVRational
    ) throws(MediaError) {
      self.source = source
      self.stream = stream
      self.timeBase = timeBase
      packet = try Packet.make()
      try advance()
    }

    /// The half second that the next packet lies in and its turn in it; `nil` at the end.
    ///
    /// Texts go first, all of them by time: FFmpeg ends one that lags behind any packet with an empty sample.
    var turn: (window: Int64, order: Int64)? {
      if isOver { return nil }
      let time = packet.raw.pointee.dts
      let window = av_rescale_q_rnd(time, timeBase, AVRational(num: 1, den: 2), AV_ROUND_DOWN)
      return (window, stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_SUBTITLE ? time : .max)
    }

    func writeNext(to output: borrowing Output) throws(MediaError) {
      packet.raw.pointee.stream_index = stream.pointee.index
      packet.raw.pointee.pos = -1
      av_packet_rescale_ts(packet.raw, timeBase, stream.pointee.time_base)
      try check(av_write_frame(output.raw, packet.raw), .write, output.path)
      try advance()
    }

    private func advance() throws(MediaError) {
      switch source {
      case .file(let demuxed):
        isOver = try !demuxed.read(into: packet)
        if isOver { return }
        // FFmpeg reads negative composition offsets as a later start; the first picture is at zero.
        let offset = start ?? (isPicture ? packet.raw.pointee.pts : 0)
        start = offset
        packet.raw.pointee.pts = packet.raw.pointee.pts.subtracting(bounded: offset)
        packet.raw.pointee.dts = packet.raw.pointee.dts.subtracting(bounded: offset)
      case .text(let samples, let next):
        packet.clear()
        guard next < samples.count else {
          isOver = true
          return
        }
        let sample = samples[next]
        try check(av_new_packet(packet.raw, Int32(sample.payload.count)), .write, "a text sample")
        packet.raw.pointee.data.update(from: sample.payload, count: sample.payload.count)
        packet.raw.pointee.pts = Int64(sample.start.milliseconds)
        packet.raw.pointee.dts = packet.raw.pointee.pts
        packet.raw.pointee.duration = Int64((sample.end - sample.start).wholeMilliseconds)
        packet.raw.pointee.flags |= AV_PKT_FLAG_KEY
        source = .text(samples, next: next + 1)
      }
    }
  }

  /// The only stream of a file that ferry encoded.
  private final class DemuxedStream {
    private let demuxer: Demuxer

    init(_ path: String) throws(MediaError) { demuxer = try Demuxer.open(path) }

    var stream: UnsafeMutablePointer<AVStream> {
      get throws(MediaError) { try demuxer.stream(0) }
    }

    func read(into packet: borrowing Packet) throws(MediaError) -> Bool { try demuxer.read(into: packet) }
  }
}
