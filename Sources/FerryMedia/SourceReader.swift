internal import CFFmpeg
internal import FerryCore

/// Reads and decodes a source once, and puts its pictures and sounds on one timeline.
///
/// The timeline's zero is the first timestamp of the streams used, so a file that starts at ten seconds starts at none.
/// Where sound leads by a moment, as an encoder's delay does in a transport stream, zero is the first picture: each
/// picture then keeps its place in the constant rate, and the moment is cut.
struct SourceReader: ~Copyable {
  private let demuxer: Demuxer
  private let recipe: Recipe
  private let pictureDecoder: Decoder?
  private let soundDecoder: Decoder?
  /// Seconds on the source's own clock.
  private let origin: Double
  /// Seconds that the container declares; timestamps far beyond it are a fault, not a long film.
  private let declared: Double?
  private var pictures = PictureTimeline()
  private var lastSound = 0.0
  /// A sound packet that did not decode; forgiven only when nothing follows it, as tags at a file's end do.
  private var brokenSound: MediaError?

  static func open(_ path: String, _ recipe: Recipe, _ limits: OpenLimits) throws(MediaError) -> SourceReader {
    let demuxer = try Demuxer.open(path, limits)
    let picture = recipe.video?.sourceStream
    let sound = recipe.audio?.sourceStream
    try demuxer.keep(Set([picture, sound].compactMap { $0 }))
    let pictureStart = try start(picture, of: demuxer)
    let first = [pictureStart, try start(sound, of: demuxer)].compactMap { $0 }.min() ?? 0
    return SourceReader(
      // Frame threads help where decoding is heavy (ProRes, AV1) and cost nothing where it is not.
      pictureDecoder: try open(picture, AVMEDIA_TYPE_VIDEO, of: demuxer, threads: 2, limits),
      soundDecoder: try open(sound, AVMEDIA_TYPE_AUDIO, of: demuxer, threads: 1, limits),
      declared: try declaredLength([picture, sound].compactMap { $0 }, of: demuxer), demuxer: demuxer, recipe: recipe,
      origin: pictureStart.map { $0 - first < shortestLead ? $0 : first } ?? first)
  }

  /// Sound that leads the picture by less than this is not kept, in seconds.
  private static let shortestLead = 0.05

  /// Sound that outlasts the picture by more than this keeps the last picture on the screen, in seconds.
  private static let shortestTail = 0.2

  private static func start(_ index: Int?, of demuxer: borrowing Demuxer) throws(MediaError) -> Double? {
    guard let index else { return nil }
    let stream = try demuxer.stream(index).pointee
    return stream.start_time == ferry_NOPTS ? nil : Double(stream.start_time) * av_q2d(stream.time_base)
  }

  /// The length that the streams used declare, in seconds, or else the container; `nil` where neither does.
  private static func declaredLength(
    _ indices: [Int], of demuxer: borrowing Demuxer
  ) throws(MediaError) -> Double? {
    var lengths: [Double] = []
    for index in indices {
      let stream = try demuxer.stream(index).pointee
      if stream.duration > 0 { lengths.append(Double(stream.duration) * av_q2d(stream.time_base)) }
    }
    if let longest = lengths.max() { return longest }
    let whole = demuxer.raw.pointee.duration
    return whole > 0 && demuxer.streamCount == indices.count ? Double(whole) / Double(AV_TIME_BASE) : nil
  }

  private init(
    pictureDecoder: consuming Decoder?, soundDecoder: consuming Decoder?, declared: Double?,
    demuxer: consuming Demuxer, recipe: Recipe, origin: Double
  ) {
    self.pictureDecoder = pictureDecoder
    self.soundDecoder = soundDecoder
    self.demuxer = demuxer
    self.recipe = recipe
    self.origin = origin
    self.declared = declared
  }

  private static func open(
    _ index: Int?, _ type: AVMediaType, of demuxer: borrowing Demuxer, threads: Int, _ limits: OpenLimits
  ) throws(MediaError) -> Decoder? {
    guard let index else { return nil }
    let stream = try demuxer.stream(index)
    guard stream.pointee.codecpar.pointee.codec_type == type else {
      let kind = type == AVMEDIA_TYPE_VIDEO ? "picture" : "sound"
      throw MediaError(.open, demuxer.path, code: ferry_INVALIDDATA, detail: "its stream \(index) is no \(kind)")
    }
    return try Decoder.open(stream, of: demuxer.path, threads: threads, limits)
  }

  /// Reads to the end; returns early, without an error, when a queue is cancelled.
  mutating func run(pictures queues: [FrameQueue], sound: FrameQueue?) throws(MediaError) {
    let packet = try Packet.make()
    let frame = try Frame.make()
    let feed = try PictureFeed.open(recipe.video, queues)
    while try demuxer.read(into: packet) {
      let index = Int(packet.raw.pointee.stream_index)
      if index == recipe.video?.sourceStream {
        if try !decodePicture(packet, through: frame, to: feed) { return }
      } else if index == recipe.audio?.sourceStream, let sound {
        if try !decodeSound(packet, through: frame, to: sound) { return }
      }
    }
    if let sound, try !finishSound(through: frame, to: sound) { return }
    if recipe.video != nil, try !finishPictures(through: frame, to: feed) { return }
    try refuseIfShort()
  }

  private mutating func decodePicture(
    _ packet: borrowing Packet, through frame: borrowing Frame, to feed: PictureFeed
  ) throws(MediaError) -> Bool {
    do throws(MediaError) {
      switch pictureDecoder {
      case .none: return true
      case .some(let decoder): try decoder.send(packet)
      }
    } catch {
      // A stream cut out of a broadcast begins with pictures that refer to ones before it.
      if error.isInvalidData && !feed.hasPictures { return true }
      throw located(error, packet)
    }
    return try receivePictures(through: frame, to: feed)
  }

  private mutating func receivePictures(
    through frame: borrowing Frame, to feed: PictureFeed
  ) throws(MediaError) -> Bool {
    while true {
      let timeBase: AVRational
      switch pictureDecoder {
      case .none: return true
      case .some(let decoder):
        timeBase = decoder.timeBase
        do throws(MediaError) {
          if try decoder.receive(into: frame) != .ready { return true }
        } catch {
          // With frame threads a packet's failure is told when a later one is sent.
          throw located(error, at: pictures.end)
        }
      }
      let time = pictures.time(of: frame, timeBase: timeBase, origin: origin)
      try refuseIfFar(time)
      if try !feed.take(frame, at: time, timeBase: timeBase) { return false }
    }
  }

  private mutating func finishPictures(
    through frame: borrowing Frame, to feed: PictureFeed
  ) throws(MediaError) -> Bool {
    switch pictureDecoder {
    case .none: return true
    case .some(let decoder):
      do throws(MediaError) { try decoder.sendEnd() } catch { throw located(error, at: pictures.end) }
    }
    if try !receivePictures(through: frame, to: feed) { return false }
    if !feed.hasPictures {
      throw MediaError(.decode, demuxer.path, code: ferry_INVALIDDATA, detail: "no picture could be decoded")
    }
    // Formats that leave repeated pictures out end early: the last one stays while there is sound.
    return try feed.finish(at: lastSound - pictures.end > SourceReader.shortestTail ? lastSound : pictures.end)
  }

  private mutating func decodeSound(
    _ packet: borrowing Packet, through frame: borrowing Frame, to queue: FrameQueue
  ) throws(MediaError) -> Bool {
    do throws(MediaError) {
      switch soundDecoder {
      case .none: return true
      case .some(let decoder): try decoder.send(packet)
      }
    } catch {
      if error.isInvalidData && lastSound == 0 { return true }
      if let brokenSound { throw brokenSound }
      brokenSound = located(error, packet)
      return true
    }
    if let brokenSound { throw brokenSound }
    return try receiveSound(through: frame, to: queue)
  }

  private mutating func receiveSound(
    through frame: borrowing Frame, to queue: FrameQueue
  ) throws(MediaError) -> Bool {
    while true {
      switch soundDecoder {
      case .none: return true
      case .some(let decoder):
        if try decoder.receive(into: frame) != .ready { return true }
        let rate = max(1, frame.raw.pointee.sample_rate)
        let stamp = frame.raw.pointee.best_effort_timestamp
        let time = stamp == ferry_NOPTS ? lastSound : Double(stamp) * av_q2d(decoder.timeBase) - origin
        try refuseIfFar(time)
        // From here on a sound's time is in samples of its own rate.
        frame.raw.pointee.pts = Int64((time * Double(rate)).rounded())
        lastSound = time + Double(frame.raw.pointee.nb_samples) / Double(rate)
      }
      if !queue.push(frame) { return false }
    }
  }

  private mutating func finishSound(
    through frame: borrowing Frame, to queue: FrameQueue
  ) throws(MediaError) -> Bool {
    switch soundDecoder {
    case .none: return true
    case .some(let decoder): try decoder.sendEnd()
    }
    if try !receiveSound(through: frame, to: queue) { return false }
    if lastSound == 0 {
      throw MediaError(.decode, demuxer.path, code: ferry_INVALIDDATA, detail: "no sound could be decoded")
    }
    return true
  }

  /// Names the time at which a stream broke.
  private func located(_ error: MediaError, _ packet: borrowing Packet) -> MediaError {
    let stamp = packet.raw.pointee.pts != ferry_NOPTS ? packet.raw.pointee.pts : packet.raw.pointee.dts
    guard stamp != ferry_NOPTS, let stream = demuxer.raw.pointee.streams[Int(packet.raw.pointee.stream_index)] else {
      return error
    }
    return located(error, at: Double(stamp) * av_q2d(stream.pointee.time_base) - origin)
  }

  private func located(_ error: MediaError, at time: Double) -> MediaError {
    MediaError(
      error.action, error.subject, code: error.code,
      detail: ["at \(seconds(time))", error.detail].compactMap { $0 }.joined(separator: ": "))
  }

  /// A file whose end is missing still reads to its end without an error in some containers.
  private func refuseIfShort() throws(MediaError) {
    guard let declared, demuxer.raw.pointee.duration_estimation_method == AVFMT_DURATION_FROM_STREAM else { return }
    let reached = max(pictures.end, lastSound)
    if reached + max(1, declared * 0.03) < declared {
      throw MediaError(
        .read, demuxer.path, code: ferry_INVALIDDATA,
        detail: "it ends at \(seconds(reached)) of the \(seconds(declared)) that it declares")
    }
  }

  /// Two pictures ten hours apart would otherwise become a million frames of nothing.
  private func refuseIfFar(_ time: Double) throws(MediaError) {
    let limit = max(declared.map { $0 * 1.5 } ?? 0, max(pictures.end, lastSound)) + 600
    if time > limit {
      throw MediaError(
        .decode, demuxer.path, code: ferry_INVALIDDATA,
        detail: "its timestamps jump to \(seconds(time)), far beyond its length")
    }
  }
}

/// Seconds as a person reads them, `83.4 s`.
func seconds(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(abs(tenths % 10)) s"
}

/// Gives every decoded picture a time, also where the file does not.
private struct PictureTimeline {
  /// When the last picture ends, in seconds on the timeline.
  private(set) var end = 0.0
  private var last = 0.0
  private var usual = 1.0 / 30

  mutating func time(of frame: borrowing Frame, timeBase: AVRational, origin: Double) -> Double {
    let stamp = frame.raw.pointee.best_effort_timestamp
    let time = stamp == ferry_NOPTS ? end : Double(stamp) * av_q2d(timeBase) - origin
    let declared = Double(ferry_frame_duration(frame.raw)) * av_q2d(timeBase)
    if declared > 0 && declared < 10 { usual = declared }
    last = max(last, time)
    end = max(end, time + usual)
    return time
  }
}
