internal import CFFmpeg
internal import FerryCore

/// Reads and decodes a source once, and puts its pictures and sounds on one timeline.
///
/// The timeline's zero is the first timestamp of the streams used, so a file that starts at ten seconds starts at none.
/// Where sound leads by a moment, as an encoder's delay does in a transport stream, zero is the first picture: each
/// picture then keeps its place in the constant rate, and the moment is cut.
struct SourceReader: ~Copyable {
  let demuxer: Demuxer
  let recipe: Recipe
  private let pictureDecoder: Decoder?
  private let soundDecoder: Decoder?
  private let pictureCopy: PacketCopy?
  private let soundCopy: PacketCopy?
  /// Seconds on the source's own clock.
  let origin: Double
  /// Seconds that the file declares; timestamps far beyond it are a fault, not a long film.
  let declared: Double?
  private var clock: Clock
  var pictures = PictureTimeline()
  private var hasPictures = false
  var lastSound = 0.0
  var damage: Damage
  var pictureLedger: Ledger
  var soundLedger: Ledger
  var newcomers = Newcomers()
  /// Where in the file the last packet ends.
  var lastByte: Int64 = 0
  /// When the first picture that is shown begins.
  var firstPicture: Double?
  private var successors: Successors
  private(set) var tags = TagBytes()
  /// The rate of the first sound, in hertz, and what is wrong where another one follows.
  private var firstRate: Int32 = 0
  var otherRate: String?
  private let limits: OpenLimits
  /// Packets in a row that did not decode, before anything did.
  private var failures = 0

  /// What was read beside pictures and sounds.
  struct Reading {
    /// When the programme ends, in seconds on the timeline.
    var end: Double
    var findings: [Quality.Finding]
    var chapters: [SourceFacts.Chapter]
    var accounts: [Account]
  }

  static func open(
    _ path: String, _ recipe: Recipe, _ limits: OpenLimits, pictureCopy: PacketCopy?, soundCopy: PacketCopy?
  ) throws(MediaError) -> SourceReader {
    let demuxer = try Demuxer.open(path, limits)
    let picture = recipe.video?.sourceStream
    let sound = recipe.audio?.sourceStream
    let used = [picture, sound].compactMap { $0 }
    try demuxer.keep(Set(used + (try streams(like: used, in: demuxer))))
    let origin = try origin(of: demuxer, picture: picture, sound: sound)
    let declared = try demuxer.declaredLength(of: used, from: origin, limits)
    let expected = min(declared ?? 600, limits.maximumDuration.inSeconds)
    if let picture {
      try pictureCopy?.begin(with: try demuxer.stream(picture), origin: origin, expected: expected)
    }
    if let sound { try soundCopy?.begin(with: try demuxer.stream(sound), origin: origin, expected: expected) }
    return SourceReader(
      // Frame threads help where decoding is heavy (ProRes, AV1) and cost nothing where it is not.
      pictureDecoder: try open(picture, AVMEDIA_TYPE_VIDEO, of: demuxer, threads: 2, limits),
      soundDecoder: try open(sound, AVMEDIA_TYPE_AUDIO, of: demuxer, threads: 1, limits),
      declared: declared, demuxer: demuxer, recipe: recipe,
      origin: origin, pictureCopy: pictureCopy, soundCopy: soundCopy, limits: limits)
  }

  /// The programme's zero on the source's own clock, in seconds.
  static func origin(of demuxer: borrowing Demuxer, picture: Int?, sound: Int?) throws(MediaError) -> Double {
    let pictureStart = try start(picture, of: demuxer)
    let first = [pictureStart, try start(sound, of: demuxer)].compactMap { $0 }.min() ?? 0
    return pictureStart.map { $0 - first < shortestLead ? $0 : first } ?? first
  }

  /// Sound that leads the picture by less than this is not kept, in seconds.
  private static let shortestLead = 0.05

  /// Sound that outlasts the picture by more than this keeps the last picture on the screen, in seconds.
  private static let shortestTail = 0.05

  private static func start(_ index: Int?, of demuxer: borrowing Demuxer) throws(MediaError) -> Double? {
    guard let index else { return nil }
    return try demuxer.stream(index).start
  }

  /// Those of the same kinds as the ones used, which are looked at and not decoded.
  private static func streams(like used: [Int], in demuxer: borrowing Demuxer) throws(MediaError) -> [Int] {
    var kinds: Set<AVMediaType> = []
    for index in used { kinds.insert(try demuxer.stream(index).pointee.codecpar.pointee.codec_type) }
    var result: [Int] = []
    for index in 0..<demuxer.streamCount where !used.contains(index) {
      let stream = try demuxer.stream(index)
      if stream.isPlayed, kinds.contains(stream.pointee.codecpar.pointee.codec_type) { result.append(index) }
    }
    return result
  }

  private init(
    pictureDecoder: consuming Decoder?, soundDecoder: consuming Decoder?, declared: Double?,
    demuxer: consuming Demuxer, recipe: Recipe, origin: Double, pictureCopy: PacketCopy?, soundCopy: PacketCopy?,
    limits: OpenLimits
  ) {
    self.limits = limits
    self.pictureDecoder = pictureDecoder
    self.soundDecoder = soundDecoder
    self.recipe = recipe
    self.origin = origin
    self.declared = declared
    self.pictureCopy = pictureCopy
    self.soundCopy = soundCopy
    let mayJump = demuxer.raw.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0
    clock = Clock(mayJump: mayJump)
    pictureLedger = Ledger(stream: recipe.video?.sourceStream ?? 0, kind: .video)
    soundLedger = Ledger(stream: recipe.audio?.sourceStream ?? 0, kind: .audio)
    if let index = recipe.video?.sourceStream, let stream = demuxer.raw.pointee.streams[index] {
      pictures = PictureTimeline(rate: stream.pointee.avg_frame_rate)
    }
    newcomers = Newcomers(known: demuxer.streamCount, used: recipe)
    successors = Successors(mayJump: mayJump)
    damage = Damage(tolerances: recipe.tolerances)
    self.demuxer = demuxer
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

  /// Reads to the end; `nil`, without an error, when a queue is cancelled.
  ///
  /// Pictures go into the queue with their times in microseconds, sounds in samples of their own rate.
  mutating func run(pictures queue: FrameQueue?, sound soundQueue: FrameQueue?) throws(MediaError) -> Reading? {
    let packet = try Packet.make()
    let frame = try Frame.make()
    let isMP3 = container == "mp3"
    while try readPacket(into: packet) {
      let index = Int(packet.raw.pointee.stream_index)
      let isUsed = index == recipe.video?.sourceStream || index == recipe.audio?.sourceStream
      // What is not used may run on a clock of its own.
      if isUsed {
        if isMP3 { tags.drop(from: packet) }
        settle(packet)
        enter(packet)
      }
      follow(packet, isUsed: isUsed)
      if index == recipe.video?.sourceStream, let queue {
        try pictureCopy?.take(packet)
        if let reason = pictureCopy?.refusal {
          throw MediaError(.read, demuxer.path, code: ferry_EXIT, detail: "its picture cannot be copied: \(reason)")
        }
        if try !decodePicture(packet, through: frame, to: queue) { return nil }
      } else if index == recipe.audio?.sourceStream, let soundQueue {
        try soundCopy?.take(packet)
        if try !decodeSound(packet, through: frame, to: soundQueue) { return nil }
      }
    }
    if let soundQueue, recipe.audio?.sourceStream != nil, try !finishSound(through: frame, to: soundQueue) {
      return nil
    }
    if let queue, recipe.video != nil, try !finishPictures(through: frame, to: queue) { return nil }
    let accounts = try balance()
    try refuseIfShort()
    try refuseIfSucceeded()
    // Formats that leave repeated pictures out end early: the last one stays while there is sound.
    let end = lastSound - pictures.end > SourceReader.shortestTail ? lastSound : pictures.end
    return Reading(
      end: recipe.video == nil ? lastSound : end, findings: damage.findings + lateBeginning(accounts),
      chapters: chapters(until: end), accounts: accounts)
  }

  /// `false` at the end of the file, which a tolerated fault may bring about.
  private mutating func readPacket(into packet: borrowing Packet) throws(MediaError) -> Bool {
    do throws(MediaError) {
      return try demuxer.read(into: packet)
    } catch {
      let time = max(pictures.end, lastSound)
      guard error.isInvalidData, !recipe.tolerances.isEmpty else { throw located(error, at: time) }
      damage.note(located(error, at: time), stream: recipe.video?.sourceStream ?? 0, at: time)
      return false
    }
  }

  /// Takes clock jumps out of a packet's times.
  private mutating func settle(_ packet: borrowing Packet) {
    let index = Int(packet.raw.pointee.stream_index)
    let stamp = packet.raw.pointee.dts != ferry_NOPTS ? packet.raw.pointee.dts : packet.raw.pointee.pts
    guard stamp != ferry_NOPTS, let stream = demuxer.raw.pointee.streams[index] else { return }
    let unit = av_q2d(stream.pointee.time_base)
    let offset = clock.offset(
      of: index, time: Double(stamp) * unit, duration: Double(packet.raw.pointee.duration) * unit)
    if offset == 0 { return }
    let units = Int64(bounded: offset / unit)
    if packet.raw.pointee.dts != ferry_NOPTS {
      packet.raw.pointee.dts = packet.raw.pointee.dts.subtracting(bounded: units)
    }
    if packet.raw.pointee.pts != ferry_NOPTS {
      packet.raw.pointee.pts = packet.raw.pointee.pts.subtracting(bounded: units)
    }
  }

  /// Notes how far the streams go that are used, and those of their kinds.
  private mutating func follow(_ packet: borrowing Packet, isUsed: Bool) {
    let raw = packet.raw.pointee
    let index = Int(raw.stream_index)
    let stamp = raw.dts != ferry_NOPTS ? raw.dts : raw.pts
    if !isUsed { newcomers.see(index, demuxer.raw.pointee.streams[index], at: max(pictures.end, lastSound)) }
    // A stream may also appear only now.
    guard stamp != ferry_NOPTS, let stream = demuxer.raw.pointee.streams[index], stream.isPlayed else { return }
    let unit = av_q2d(stream.pointee.time_base)
    let time = Double(stamp) * unit - origin
    let duration = Double(max(0, raw.duration)) * unit
    let kind = stream.pointee.codecpar.pointee.codec_type
    if isUsed {
      successors.use(index, kind: kind, until: time + duration)
    } else {
      successors.pass(index, kind: kind, at: time, duration: duration)
    }
  }

  private mutating func decodePicture(
    _ packet: borrowing Packet, through frame: borrowing Frame, to queue: FrameQueue
  ) throws(MediaError) -> Bool {
    do throws(MediaError) {
      switch pictureDecoder {
      case .none: return true
      case .some(let decoder): try decoder.send(packet)
      }
    } catch {
      // A stream cut out of a broadcast begins with pictures that refer to ones before it.
      pictureLedger.refuse()
      if error.isInvalidData && !hasPictures { return try fail(error) }
      try bear(located(error, packet), stream: recipe.video?.sourceStream, at: max(pictures.end, time(of: packet)))
      return true
    }
    return try receivePictures(through: frame, to: queue)
  }

  private mutating func receivePictures(
    through frame: borrowing Frame, to queue: FrameQueue
  ) throws(MediaError) -> Bool {
    while true {
      let timeBase: AVRational
      do throws(MediaError) {
        guard let unit = try pullPicture(into: frame) else { return true }
        timeBase = unit
      } catch {
        // With frame threads a packet's failure is told when a later one is sent.
        pictureLedger.fault()
        try bear(located(error, at: pictures.end), stream: recipe.video?.sourceStream, at: pictures.end)
        return true
      }
      if frame.isDamaged {
        if !hasPictures { continue }
        pictureLedger.fault()
        let error = MediaError(
          .decode, streamName(recipe.video?.sourceStream), code: ferry_INVALIDDATA,
          detail: ["a picture is damaged", LibraryLog.takeLastLine()].compactMap { $0 }.joined(separator: ": "))
        try bear(located(error, at: pictures.end), stream: recipe.video?.sourceStream, at: pictures.end)
        continue
      }
      // What comes before the first key frame is made of pictures that are not there.
      if !hasPictures, needsKeyFrame, ferry_frame_is_key(frame.raw) == 0 { continue }
      let time = pictures.time(of: frame, timeBase: timeBase, origin: origin)
      pictureLedger.give(time: time, length: pictures.usual)
      firstPicture = firstPicture ?? time
      try refuseIfFar(time, since: hasPictures ? pictures.previousEnd : 0, stream: recipe.video?.sourceStream)
      try damage.mended(stream: recipe.video?.sourceStream, at: time)
      hasPictures = true
      if let raw = demuxer.raw.pointee.streams[recipe.video?.sourceStream ?? 0] {
        // The container's word on the shape of pixels goes before the codec's.
        frame.raw.pointee.sample_aspect_ratio = av_guess_sample_aspect_ratio(demuxer.raw, raw, frame.raw)
      }
      frame.raw.pointee.pts = Int64(bounded: time * 1_000_000)
      if !queue.push(frame) { return false }
    }
  }

  /// Takes a picture out of the decoder; `nil` when it has none, else the unit of its times.
  private func pullPicture(into frame: borrowing Frame) throws(MediaError) -> AVRational? {
    switch pictureDecoder {
    case .none: return nil
    case .some(let decoder): return try decoder.receive(into: frame) == .ready ? decoder.timeBase : nil
    }
  }

  private func pullSound(into frame: borrowing Frame) throws(MediaError) -> AVRational? {
    switch soundDecoder {
    case .none: return nil
    case .some(let decoder): return try decoder.receive(into: frame) == .ready ? decoder.timeBase : nil
    }
  }

  private mutating func finishPictures(
    through frame: borrowing Frame, to queue: FrameQueue
  ) throws(MediaError) -> Bool {
    do throws(MediaError) {
      switch pictureDecoder {
      case .none: return true
      case .some(let decoder): try decoder.sendEnd()
      }
    } catch {
      // With frame threads this is the last packet's failure.
      try bear(located(error, at: pictures.end), stream: recipe.video?.sourceStream, at: pictures.end)
    }
    if try !receivePictures(through: frame, to: queue) { return false }
    if !hasPictures {
      throw MediaError(
        .decode, demuxer.path, code: ferry_INVALIDDATA,
        detail: needsKeyFrame && pictureLedger.account.packets > 0
          ? "no picture could be decoded; there may be no key frame in it" : "no picture could be decoded")
    }
    try damage.ended(stream: recipe.video?.sourceStream, at: pictures.end, until: declared)
    return true
  }

  private mutating func decodeSound(
    _ packet: borrowing Packet, through frame: borrowing Frame, to queue: FrameQueue
  ) throws(MediaError) -> Bool {
    guard let stream = demuxer.raw.pointee.streams[Int(packet.raw.pointee.stream_index)] else { return true }
    let frameLength = SpeechFrames(stream.pointee.codecpar.pointee.codec_id)?.length
    repeat {
      let whole = packet.raw.pointee.size
      let part = whole == 0 ? 0 : frameLength.map { min(whole, $0(packet.raw.pointee.data)) } ?? whole
      packet.raw.pointee.size = part
      do throws(MediaError) {
        switch soundDecoder {
        case .none: return true
        case .some(let decoder): try decoder.send(packet)
        }
      } catch {
        soundLedger.refuse()
        if error.isInvalidData && lastSound == 0 { return try fail(error) }
        try bear(located(error, packet), stream: recipe.audio?.sourceStream, at: max(lastSound, time(of: packet)))
        return true
      }
      if try !receiveSound(through: frame, to: queue) { return false }
      packet.advance(by: part, of: whole, time: SpeechFrames.duration, unit: stream.pointee.time_base)
    } while packet.raw.pointee.size > 0
    return true
  }

  private mutating func receiveSound(
    through frame: borrowing Frame, to queue: FrameQueue
  ) throws(MediaError) -> Bool {
    while true {
      let timeBase: AVRational
      do throws(MediaError) {
        guard let unit = try pullSound(into: frame) else { return true }
        timeBase = unit
      } catch {
        soundLedger.fault()
        try bear(located(error, at: lastSound), stream: recipe.audio?.sourceStream, at: lastSound)
        return true
      }
      let rate = max(1, frame.raw.pointee.sample_rate)
      if firstRate == 0 { firstRate = rate }
      // Ogg counts time in samples, by the rate of the first part.
      if rate != firstRate, otherRate == nil, container == "ogg" {
        otherRate = "at \(seconds(lastSound)) a second part of \(rate) Hz was joined to one of \(firstRate) Hz"
      }
      let stamp = frame.raw.pointee.best_effort_timestamp
      let time = stamp == ferry_NOPTS ? lastSound : Double(stamp) * av_q2d(timeBase) - origin
      try refuseIfFar(time, since: lastSound, stream: recipe.audio?.sourceStream)
      try damage.mended(stream: recipe.audio?.sourceStream, at: time)
      soundLedger.give(time: time, length: Double(frame.raw.pointee.nb_samples) / Double(rate))
      frame.raw.pointee.pts = Int64(bounded: time * Double(rate))
      lastSound = max(lastSound, time + Double(frame.raw.pointee.nb_samples) / Double(rate))
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
    // Tags at a file's end look like a broken packet to some decoders: nothing of the lesson is lost with them.
    damage.forgive(stream: recipe.audio?.sourceStream)
    return true
  }

  /// Forgives a packet at the beginning, but not for ever.
  private mutating func fail(_ error: MediaError) throws(MediaError) -> Bool {
    failures += 1
    if failures > limits.maximumFailures { throw error }
    return true
  }

  /// Notes a fault that may be tolerated; what is not about the media's content is thrown at once.
  private mutating func bear(_ error: MediaError, stream: Int?, at time: Double) throws(MediaError) {
    guard error.isInvalidData else { throw error }
    damage.note(error, stream: stream ?? 0, at: time)
  }

  private func streamName(_ index: Int?) -> String { "\(demuxer.path) (stream \(index ?? 0))" }

  /// Names the time at which a stream broke.
  private func located(_ error: MediaError, _ packet: borrowing Packet) -> MediaError {
    located(error, at: time(of: packet))
  }

  /// Seconds on the timeline; how far it was read, for a packet without a time.
  private func time(of packet: borrowing Packet) -> Double {
    let stamp = packet.raw.pointee.pts != ferry_NOPTS ? packet.raw.pointee.pts : packet.raw.pointee.dts
    guard stamp != ferry_NOPTS, let stream = demuxer.raw.pointee.streams[Int(packet.raw.pointee.stream_index)] else {
      return max(pictures.end, lastSound)
    }
    return Double(stamp) * av_q2d(stream.pointee.time_base) - origin
  }

  private func located(_ error: MediaError, at time: Double) -> MediaError {
    MediaError(
      error.action, error.subject, code: error.code,
      detail: ["at \(seconds(time))", error.detail].compactMap { $0 }.joined(separator: ": "), fault: error.fault)
  }

  /// A file whose end is missing still reads to its end without an error in some containers.
  private mutating func refuseIfShort() throws(MediaError) {
    guard let declared, demuxer.raw.pointee.duration_estimation_method == AVFMT_DURATION_FROM_STREAM else { return }
    let reached = max(pictures.end, lastSound)
    if reached + max(min(1, declared * 0.1), declared * 0.03) >= declared { return }
    let words = "it ends at \(seconds(reached)) of the \(seconds(declared)) that it declares"
    guard recipe.tolerances.contains(.earlyEnd) else {
      throw MediaError(.read, demuxer.path, code: ferry_INVALIDDATA, detail: words)
    }
    damage.missingEnd(from: reached, to: declared, words)
  }

  /// What goes on in other streams than the ones that were chosen would be lost without a word.
  private mutating func refuseIfSucceeded() throws(MediaError) {
    guard let succession = successors.longest else { return }
    guard recipe.tolerances.contains(.earlyEnd) else {
      throw MediaError(.read, demuxer.path, code: ferry_INVALIDDATA, detail: succession.words, fault: .succession)
    }
    damage.missingEnd(from: succession.start, to: succession.end, succession.words)
  }

  /// Two pictures ten hours apart would otherwise become a million frames of nothing.
  private func refuseIfFar(_ time: Double, since last: Double, stream: Int?) throws(MediaError) {
    let name = stream.map { "stream \($0): " } ?? ""
    guard time.isFinite, time > -limits.maximumDuration.inSeconds else {
      throw MediaError(
        .decode, demuxer.path, code: ferry_INVALIDDATA,
        detail: "\(name)a timestamp in it is out of range: \(seconds(time)) after its beginning")
    }
    if time - last > limits.maximumGap.inSeconds {
      throw MediaError(
        .decode, demuxer.path, code: ferry_INVALIDDATA,
        detail: "\(name)nothing is in it from \(seconds(last)) to \(seconds(time)), which is no lesson")
    }
    if time > limits.maximumDuration.inSeconds {
      throw MediaError(
        .decode, demuxer.path, code: ferry_INVALIDDATA,
        detail: "\(name)it goes on after \(seconds(limits.maximumDuration.inSeconds)), longer than ferry takes")
    }
    let limit = max(declared.map { $0 * 1.5 } ?? 0, max(pictures.end, lastSound)) + 600
    if time > limit {
      throw MediaError(
        .decode, demuxer.path, code: ferry_INVALIDDATA,
        detail: "\(name)its timestamps jump to \(seconds(time)), far beyond its length")
    }
  }

  /// The source's chapters on the timeline, within the programme.
  private func chapters(until end: Double) -> [SourceFacts.Chapter] {
    let start = Milliseconds(seconds: origin).count
    let last = Milliseconds(seconds: end).count
    return Probe.chapters(demuxer.raw.pointee).compactMap { chapter in
      let from = max(0, chapter.start.count - start)
      let to = min(last, chapter.end.count - start)
      return from < to ? .init(start: Milliseconds(from), end: Milliseconds(to), name: chapter.name) : nil
    }
  }
}
