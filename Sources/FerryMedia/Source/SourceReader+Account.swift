internal import CFFmpeg
internal import FerryCore

extension SourceReader {
  /// Enters a packet of a used stream into its account.
  mutating func enter(_ packet: borrowing Packet) {
    let raw = packet.raw.pointee
    guard let stream = demuxer.raw.pointee.streams[Int(raw.stream_index)] else { return }
    if raw.pos >= 0 { lastByte = max(lastByte, raw.pos &+ Int64(raw.size)) }
    let unit = av_q2d(stream.pointee.time_base)
    let stamp = raw.pts != ferry_NOPTS ? raw.pts : raw.dts
    let time = stamp == ferry_NOPTS ? nil : Double(stamp) * unit - origin
    let isDiscarded = raw.flags & AV_PKT_FLAG_DISCARD != 0
    let duration = Double(raw.duration) * unit
    if Int(raw.stream_index) == recipe.video?.sourceStream {
      pictureLedger.take(time: time, duration: duration, bytes: Int(raw.size), isDiscarded: isDiscarded)
    } else {
      soundLedger.take(time: time, duration: duration, bytes: Int(raw.size), isDiscarded: isDiscarded)
    }
  }

  /// Holds what was read against what came of it: a remainder is an error, unless broken parts are tolerated.
  mutating func balance() throws(MediaError) -> [Account] {
    var accounts: [Account] = []
    if recipe.video != nil { accounts.append(pictureLedger.finish()) }
    if recipe.audio?.sourceStream != nil { accounts.append(soundLedger.finish()) }
    if let words = joinedSound {
      try lose(words, from: 0, to: max(pictures.end, lastSound), tolerated: .brokenParts, .joined)
    }
    if tags.left > 0 {
      try lose(
        "a tag in the middle of the file says it is longer than what follows it", from: lastSound, to: lastSound,
        tolerated: .brokenParts)
    }
    for account in accounts {
      guard let loss = account.loss else { continue }
      let start = (account.firstLoss ?? 0).duration.inSeconds
      try lose(loss, from: start, to: max(start, pictures.end, lastSound), tolerated: .brokenParts)
    }
    if let words = newcomers.words {
      try lose(words, from: 0, to: max(pictures.end, lastSound), tolerated: .brokenParts)
    }
    if let words = unread { try lose(words, from: max(pictures.end, lastSound), to: 0, tolerated: .earlyEnd) }
    return accounts
  }

  private mutating func lose(
    _ words: String, from start: Double, to end: Double, tolerated: Tolerance, _ fault: MediaError.Fault = .lost
  ) throws(MediaError) {
    guard recipe.tolerances.contains(tolerated) else {
      throw MediaError(.read, demuxer.path, code: ferry_INVALIDDATA, detail: words, fault: fault)
    }
    damage.missingEnd(from: start, to: max(start, end), words)
  }

  /// Content behind the place where a demuxer that reads to the end stopped: a second file that was joined to this one.
  private var unread: String? {
    let marks: [String: [UInt8]] = [
      "matroska,webm": [0x1A, 0x45, 0xDF, 0xA3], "flv": Array("FLV\u{1}".utf8), "aiff": Array("FORM".utf8),
      "caf": Array("caff".utf8), "w64": Array("riff".utf8),
    ]
    guard let mark = marks[container], lastByte > 0, let file = FileBytes.open(demuxer.path) else { return nil }
    guard file.read(at: Int(lastByte), 65_536).contains(mark) else { return nil }
    return "it goes on after \(seconds(max(pictures.end, lastSound))) with a second file, from byte \(lastByte) on"
  }

  /// A second file behind the first whose sound would lie in the wrong places.
  ///
  /// FLAC's frames have numbers for times, which begin again; players stop at the second file, or jump.
  private var joinedSound: String? {
    if let otherRate { return otherRate }
    guard container == "flac", let file = FileBytes.open(demuxer.path) else { return nil }
    let mark = Array("fLaC".utf8)
    // The first block of a file is its description, of 34 bytes; the highest bit says whether it is the last, too.
    let heads = [mark + [0, 0, 0, 34], mark + [0x80, 0, 0, 34]]
    guard let second = heads.compactMap({ file.first($0, from: mark.count) }).min() else { return nil }
    return "a second file was joined to it at byte \(second)"
  }

  var container: String { String(cString: demuxer.raw.pointee.iformat.pointee.name) }

  /// Whether pictures that refer to ones before the beginning come out of the decoder all the same.
  ///
  /// The decoders of H.264, MPEG-1 and MPEG-2, VP8, VP9 and AV1 wait by themselves, also where pictures are refreshed
  /// part by part and no key frame comes.
  var needsKeyFrame: Bool {
    guard let index = recipe.video?.sourceStream, let stream = demuxer.raw.pointee.streams[index] else { return false }
    return SourceReader.impatient.contains(stream.pointee.codecpar.pointee.codec_id)
  }

  private static let impatient: Set<AVCodecID> = [
    AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG4, AV_CODEC_ID_H263, AV_CODEC_ID_FLV1, AV_CODEC_ID_MSMPEG4V2,
    AV_CODEC_ID_MSMPEG4V3, AV_CODEC_ID_WMV1, AV_CODEC_ID_WMV2, AV_CODEC_ID_WMV3, AV_CODEC_ID_VC1, AV_CODEC_ID_RV10,
    AV_CODEC_ID_RV20, AV_CODEC_ID_RV30, AV_CODEC_ID_RV40, AV_CODEC_ID_SVQ1, AV_CODEC_ID_SVQ3, AV_CODEC_ID_VP6,
    AV_CODEC_ID_VP6A, AV_CODEC_ID_VP6F, AV_CODEC_ID_FLASHSV, AV_CODEC_ID_FLASHSV2, AV_CODEC_ID_THEORA,
  ]

  /// That the picture begins between key frames: the first good one is held from the beginning.
  func lateBeginning(_ accounts: [Account]) -> [Quality.Finding] {
    guard let picture = accounts.first(where: { $0.kind == .video }), picture.leading + picture.refused > 0,
      let firstPicture, let begin = pictureLedger.begin, firstPicture - begin > 0.1
    else { return [] }
    let missing = firstPicture - begin
    func time(_ seconds: Double) -> Milliseconds { Milliseconds(seconds: max(0, seconds)) }
    return [
      Quality.Finding(
        kind: .lateBeginning, severity: .warning, startMs: time(begin), endMs: time(firstPicture),
        detail: "the picture begins between key frames: its first \(seconds(missing)) cannot be decoded, and the first "
          + "good picture is held from the beginning")
    ]
  }
}
