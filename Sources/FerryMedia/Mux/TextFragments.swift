internal import CFFmpeg
package import FerryCore

/// Writes TTML documents as one CMAF text track (`stpp`, ISO/IEC 14496-30, 5): one document a fragment.
package enum TextFragments {
  /// One document and the stretch of the programme that it is for; stretches follow one another without a gap.
  package struct Document: Sendable {
    package var duration: Milliseconds
    package var payload: [UInt8]

    package init(duration: Milliseconds, payload: [UInt8]) {
      self.duration = duration
      self.payload = payload
    }
  }

  package static func write(
    _ documents: [Document], to path: String, as name: String, language: LanguageTag
  ) throws(MediaError) -> FragmentedFile {
    _ = LibraryLog.install
    guard let raw = avcodec_parameters_alloc() else { throw MediaError(.write, path, code: ferry_ENOMEM) }
    let parameters = Parameters(raw: raw)
    raw.pointee.codec_type = AVMEDIA_TYPE_SUBTITLE
    raw.pointee.codec_id = AV_CODEC_ID_TTML
    let milliseconds = AVRational(num: 1, den: 1000)
    var writer = try FragmentWriter.open(
      path, parameters.raw, timeBase: milliseconds, frameRate: AVRational(num: 0, den: 1),
      language: language.terminologyCode, segments: documents.count)
    let packet = try Packet.make()
    var time: Int64 = 0
    for document in documents {
      try check(av_new_packet(packet.raw, Int32(document.payload.count)), .write, path)
      packet.raw.pointee.data.update(from: document.payload, count: document.payload.count)
      packet.raw.pointee.pts = time
      packet.raw.pointee.dts = time
      packet.raw.pointee.duration = Int64(document.duration.count)
      packet.raw.pointee.flags |= AV_PKT_FLAG_KEY
      time += Int64(document.duration.count)
      try writer.write(packet)
      try writer.cut()
    }
    return try writer.finish(as: name)
  }
}
