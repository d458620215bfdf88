internal import CFFmpeg
internal import FerryCore

/// How long a file says that it is, before any of it is decoded.
///
/// Demuxers mean different things by a duration. To most it is the time from a stream's first timestamp to its end; in
/// Matroska, ASF and fragmented MP4 it is the end itself, and the movie's duration in MP4 counts from zero too. All of
/// ferry asks here, so that a file that starts at an hour is never taken to last one.
extension Demuxer {
  /// Seconds from `origin` to the end of the streams that are used; `nil` where nobody says, or only nonsense.
  func declaredLength(
    of streams: [Int], from origin: Double, _ limits: OpenLimits
  ) throws(MediaError) -> Double? {
    var ends: [Double] = []
    for index in streams { if let end = declaredEnd(of: try stream(index)) { ends.append(end) } }
    // Streams that are not used may outlast the others: the file's own word is then no word on these.
    let end = ends.max() ?? (streamCount == streams.count ? declaredEnd : nil)
    return end.flatMap { believed($0 - origin, limits) }
  }

  /// Seconds from the file's first timestamp to the end of its pictures and sound.
  func declaredLength(_ limits: OpenLimits) throws(MediaError) -> Double? {
    var ends: [Double] = []
    var isWhole = true
    for index in 0..<streamCount {
      let stream = try stream(index)
      if !stream.isPlayed { continue }
      if let end = declaredEnd(of: stream) { ends.append(end) } else { isWhole = false }
    }
    // Where not every stream says when it ends, the file may know of a later end.
    if !isWhole || ends.isEmpty { ends += [declaredEnd].compactMap { $0 } }
    return ends.max().flatMap { believed($0 - start, limits) }
  }

  /// Seconds from one stream's first timestamp to its end.
  func declaredLength(of stream: UnsafeMutablePointer<AVStream>, _ limits: OpenLimits) -> Double? {
    declaredEnd(of: stream).flatMap { believed($0 - heard(stream.start ?? 0), limits) }
  }

  /// Whether the length comes from timestamps or the bit rate, or from a header that is written before the rest.
  var guessesLength: Bool {
    raw.pointee.duration_estimation_method != AVFMT_DURATION_FROM_STREAM
      || raw.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 || isNamed("flv")
  }

  /// The file's first timestamp, in seconds.
  private var start: Double {
    raw.pointee.start_time == ferry_NOPTS ? 0 : heard(Double(raw.pointee.start_time) / Double(AV_TIME_BASE))
  }

  /// What is before zero is an encoder's delay and never heard, but for a clock of 33 bits: there it is before the clock
  /// begins again.
  func heard(_ first: Double) -> Double {
    raw.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 ? first : max(0, first)
  }

  /// When a stream says that it ends, in seconds on the file's own clock.
  private func declaredEnd(of stream: UnsafeMutablePointer<AVStream>) -> Double? {
    guard stream.pointee.duration > 0 else { return nil }
    let length = Double(stream.pointee.duration) * av_q2d(stream.pointee.time_base)
    let start = stream.start ?? 0
    return countsFromZero(stream) && length > start ? length : start + length
  }

  /// When the file says that it ends, in seconds on its own clock.
  private var declaredEnd: Double? {
    guard raw.pointee.duration > 0 else { return nil }
    let length = Double(raw.pointee.duration) / Double(AV_TIME_BASE)
    return (isNamed("matroska") || isNamed("mov")) && length > start ? length : start + length
  }

  /// ASF gives every stream the file's own duration. Of fragments the demuxer knows where the last one ends, not where
  /// the first one began; only files with a whole index have counted their frames.
  private func countsFromZero(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
    isNamed("asf") || isNamed("mov") && stream.pointee.nb_frames == 0
  }

  private func isNamed(_ name: String) -> Bool {
    String(cString: raw.pointee.iformat.pointee.name).split(separator: ",").first.map(String.init) == name
  }

  /// A transport stream's length is a guess from its last timestamp; where its clock was set anew on the way, the guess
  /// may be a day.
  private func believed(_ length: Double, _ limits: OpenLimits) -> Double? {
    let isGuess =
      raw.pointee.duration_estimation_method != AVFMT_DURATION_FROM_STREAM
      && raw.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0
    return !(length > 0) || Milliseconds(foreign: length) == nil || isGuess && length > limits.maximumDuration.inSeconds
      ? nil : length
  }
}

extension UnsafeMutablePointer<AVStream> {
  /// The stream's first timestamp, in seconds.
  var start: Double? {
    pointee.start_time == ferry_NOPTS ? nil : Double(pointee.start_time) * av_q2d(pointee.time_base)
  }

  /// Whether it is pictures or sound to play, and no cover or text.
  var isPlayed: Bool {
    let kind = pointee.codecpar.pointee.codec_type
    return kind == AVMEDIA_TYPE_AUDIO
      || kind == AVMEDIA_TYPE_VIDEO && pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
  }
}
