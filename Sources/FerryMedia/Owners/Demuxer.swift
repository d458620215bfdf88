internal import CFFmpeg
internal import FerryCore
internal import Foundation

/// An open input file.
struct Demuxer: ~Copyable {
  let raw: UnsafeMutablePointer<AVFormatContext>
  let path: String
  /// When opening must be over, in `CLOCK_MONOTONIC` nanoseconds; 0 afterwards.
  private let deadline: UnsafeMutablePointer<Int64>

  /// Opens a file for reading and finds its streams.
  ///
  /// The `file:` prefix keeps names such as `concat:x.mp4` names; the lists of `limits` hold for opening, for stream
  /// analysis and for everything opened later.
  static func open(_ path: String, _ limits: OpenLimits = OpenLimits()) throws(MediaError) -> Demuxer {
    let demuxer = try open(path, limits, further: false)
    if try !demuxer.knowsTooLittle(limits) { return demuxer }
    // A key frame, and with it the size, may lie beyond what is read as a rule.
    return try open(path, limits, further: true)
  }

  private static func open(
    _ path: String, _ limits: OpenLimits, further: Bool
  ) throws(MediaError) -> Demuxer {
    _ = LibraryLog.install
    av_max_alloc(limits.maximumAllocation)
    Trail.note(Doing(.opening, path))
    try refuseIfSpecial(path)
    // A line left from an earlier file must not explain this one.
    _ = LibraryLog.takeLastLine()
    let context = try unwrap(avformat_alloc_context(), .open, path)
    let deadline = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
    deadline.initialize(to: monotonicNanoseconds() + Int64(bounded: limits.openDeadline.inSeconds * 1e9))
    context.pointee.interrupt_callback = AVIOInterruptCB(
      callback: { opaque in
        guard let deadline = opaque?.assumingMemoryBound(to: Int64.self).pointee, deadline > 0 else { return 0 }
        return monotonicNanoseconds() > deadline ? 1 : 0
      }, opaque: deadline)
    context.pointee.max_streams = Int32(limits.maximumStreams)
    context.pointee.probesize = Int64(further ? limits.furtherProbeSize : limits.probeSize)
    if further {
      context.pointee.max_analyze_duration = Int64(bounded: limits.furtherProbeLength.inSeconds * Double(AV_TIME_BASE))
    }

    var options: OpaquePointer?
    defer { av_dict_free(&options) }
    av_dict_set(&options, "format_whitelist", limits.containers.joined(separator: ","), 0)
    av_dict_set(&options, "codec_whitelist", limits.decoders.joined(separator: ","), 0)
    av_dict_set(&options, "protocol_whitelist", "file", 0)
    var raw: UnsafeMutablePointer<AVFormatContext>? = context
    // On failure this frees the context, so it is not ours before it succeeds.
    let opened = avformat_open_input(&raw, "file:" + path, nil, &options)
    guard opened >= 0, let raw else {
      deadline.deallocate()
      if opened == -EINVAL {
        throw MediaError(
          .open, path, code: ferry_INVALIDDATA,
          detail: "its content is none of the containers that are read (\(limits.containers.joined(separator: ", ")))",
          fault: .unknownKind)
      }
      let words = LibraryLog.takeLastLine()
      // FFmpeg has no code of its own for it.
      let hasNoIndex = words?.contains("moov atom not found") ?? false
      throw MediaError(
        .open, path, code: opened < 0 ? opened : ferry_ENOMEM, detail: words, fault: hasNoIndex ? .noIndex : nil)
    }
    let demuxer = Demuxer(raw: raw, path: path, deadline: deadline)
    try demuxer.findStreams(limits)
    deadline.pointee = 0
    // Analysis complains of streams that nobody asked for; that must not explain what happens later.
    _ = LibraryLog.takeLastLine()
    Trail.note(Doing(.reading, path))
    return demuxer
  }

  /// A pipe or a terminal would be waited for, for ever.
  private static func refuseIfSpecial(_ path: String) throws(MediaError) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    throw MediaError(
      .open, path, code: ferry_INVALIDDATA, detail: isFolder ? "it is a folder" : "it is not a regular file")
  }

  private func findStreams(_ limits: OpenLimits) throws(MediaError) {
    let count = Int(raw.pointee.nb_streams)
    guard count > 0 || raw.pointee.ctx_flags & AVFMTCTX_NOHEADER != 0 else {
      throw MediaError(.open, path, code: ferry_INVALIDDATA, detail: "there is no stream in it")
    }
    // Without the pixel limit here too, analysis alone would allocate a bomb's picture.
    var perStream: [OpaquePointer?] = Array(repeating: nil, count: count)
    for index in perStream.indices {
      av_dict_set(&perStream[index], "max_pixels", String(limits.maximumPixels), 0)
    }
    let found = avformat_find_stream_info(raw, &perStream)
    for index in perStream.indices { av_dict_free(&perStream[index]) }
    try check(found, .open, path)
    if raw.pointee.nb_streams == 0 {
      throw MediaError(.open, path, code: ferry_INVALIDDATA, detail: "there is no stream in it")
    }
  }

  /// Whether there is a stream of pictures or sound that a decoder could take, if more of it were known.
  private func knowsTooLittle(_ limits: OpenLimits) throws(MediaError) -> Bool {
    for index in 0..<streamCount {
      let stream = try stream(index)
      if stream.obstacle(limits) == .unsized { return true }
      // In these, what a stream is shows in its packets.
      let isOpenEnded = raw.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0
      if isOpenEnded, stream.obstacle(limits) == .unnamed { return true }
    }
    return false
  }

  var streamCount: Int { Int(raw.pointee.nb_streams) }

  func stream(_ index: Int) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
    guard index < streamCount else {
      throw MediaError(.open, path, code: ferry_INVALIDDATA, detail: "there is no stream \(index) in it")
    }
    return try unwrap(raw.pointee.streams[index], .open, path)
  }

  /// Has the demuxer drop all other streams' packets before they are read.
  func keep(_ indices: Set<Int>) throws(MediaError) {
    for index in 0..<streamCount {
      try stream(index).pointee.discard = indices.contains(index) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
    }
  }

  /// Reads the next packet; `false` at the end of the file.
  func read(into packet: borrowing Packet) throws(MediaError) -> Bool {
    packet.clear()
    let code = av_read_frame(raw, packet.raw)
    if code == ferry_EOF {
      // A read error ends the file for some demuxers; it is kept beside it.
      if let pb = raw.pointee.pb, pb.pointee.error < 0 { try check(pb.pointee.error, .read, path) }
      return false
    }
    try check(code, .read, path)
    noteProgress(packet)
    return true
  }

  /// Where nothing is decoded, key frames and texts say that it goes on.
  private func noteProgress(_ packet: borrowing Packet) {
    let packet = packet.raw.pointee
    guard packet.flags & AV_PKT_FLAG_KEY != 0, Int(packet.stream_index) < streamCount,
      let stream = raw.pointee.streams[Int(packet.stream_index)],
      stream.pointee.codecpar.pointee.codec_type != AVMEDIA_TYPE_AUDIO
    else { return }
    Trail.note(Doing(.reading, path, at: Probe.milliseconds(packet.dts, stream.pointee.time_base)))
  }

  deinit {
    var raw: UnsafeMutablePointer<AVFormatContext>? = raw
    avformat_close_input(&raw)
    deadline.deallocate()
  }
}

private func monotonicNanoseconds() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}
