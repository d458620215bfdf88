internal import CFFmpeg
internal import FerryCore
internal import Foundation

/// Puts sound on the timeline, measures it, brings it to its loudness and encodes it.
///
/// The gain is known only when all of the sound was heard, so the samples wait in a file of the attempt: the source is
/// decoded once.
struct AudioLane: Sendable {
  let recipe: AudioRecipe
  let checks: CheckRules
  let folder: String
  let language: LanguageTag
  /// Fragments that are expected.
  let segments: Int
  let copy: PacketCopy?
  /// For the poster of a title without a picture.
  let drawsWaveform: Bool

  struct Outcome: Sendable {
    var sounds: [TranscodeOutcome.AudioOutcome]
    var loudness: Quality.LoudnessChange?
    var findings: [Quality.Finding]
    var waveform: Waveform
    /// `nil` where the title has no sound of its own.
    var speech: SpeechLevels?
  }

  func run(_ queue: FrameQueue, progress: (Milliseconds) -> Void) throws(MediaError) -> Outcome {
    let spool = try SoundSpool.open(in: folder, channels: recipe.channels)
    var meter = try LoudnessMeter.open(channels: recipe.channels, sampleRate: recipe.sampleRate)
    var waveform = Waveform()
    var speech = SpeechMeter(sampleRate: recipe.sampleRate)
    let findings = try listen(queue, progress) { (block: borrowing Frame) throws(MediaError) in
      let count = Int(block.raw.pointee.nb_samples)
      guard let planes = block.floats else { return }
      try meter.add(planes, count: count)
      if drawsWaveform { waveform.add(planes, channels: recipe.channels, count: count) }
      speech.add(planes, channels: recipe.channels, count: count)
      try spool.append(planes, count: count)
    }
    let before = meter.loudness()
    if let copied = try takeCopy(before, until: queue.endTime) {
      let change = Quality.LoudnessChange(before: before, after: before, gain: 0, isLimited: false)
      return Outcome(sounds: [copied], loudness: change, findings: findings, waveform: waveform, speech: speech.levels)
    }
    var setting = Normalisation(for: before, target: recipe.loudness)
    var sounds = [try encode(spool, recipe.codecs[0], setting)]
    // What is delivered is measured as it is: an encoder moves peaks, and then the sound is encoded once more.
    let path = folder + "/" + AudioRecipe.fileName(recipe.codecs[0])
    var after = before
    if recipe.sourceStream != nil {
      after = try LoudnessMeter.loudness(of: path)
      for _ in 0..<AudioLane.mostCorrections {
        guard let better = setting.corrected(after) else { break }
        setting = better
        sounds = [try encode(spool, recipe.codecs[0], setting)]
        after = try LoudnessMeter.loudness(of: path)
      }
    }
    for codec in recipe.codecs.dropFirst() { sounds.append(try encode(spool, codec, setting)) }
    guard recipe.sourceStream != nil else {
      return Outcome(sounds: sounds, loudness: nil, findings: [], waveform: waveform)
    }
    return Outcome(
      sounds: sounds,
      loudness: Quality.LoudnessChange(
        before: before, after: after, gain: setting.gain, isLimited: setting.ceiling != nil),
      findings: findings, waveform: waveform, speech: speech.levels)
  }

  /// Gives on everything that comes, on the timeline and in blocks, or silence where the title has none; returns what
  /// was found in it.
  private func listen(
    _ queue: FrameQueue, _ progress: (Milliseconds) -> Void, _ take: (borrowing Frame) throws(MediaError) -> Void
  ) throws(MediaError) -> [Quality.Finding] {
    let stage = try SoundStage.open(recipe, checks)
    if let findings = try stage.run(queue, progress: progress, take) { return findings }
    guard recipe.sourceStream == nil else {
      throw MediaError(.encode, folder, code: ferry_INVALIDDATA, detail: "there was no sound")
    }
    // A silent track as long as the programme.
    try SoundStage.silence(SoundStage.samples(queue.endTime, recipe), recipe, through: try Frame.make(), take)
    return []
  }

  /// Packets may end this long before the programme, about a frame of each kind, in seconds.
  private static let longestRest = 0.05

  /// Sound is encoded at most this often again.
  private static let mostCorrections = 2

  /// The source's own packets, where they lie right, last to the programme's end and are as loud as they should be.
  private func takeCopy(
    _ loudness: Loudness, until end: Double
  ) throws(MediaError) -> TranscodeOutcome.AudioOutcome? {
    guard let copy else { return nil }
    if end - copy.end > AudioLane.longestRest {
      copy.giveUp("it ends at \(seconds(copy.end)), and the programme at \(seconds(end))")
    }
    let path = folder + "/audio.copy.mp4"
    let name = AudioRecipe.fileName(.aac)
    if let obstacle = recipe.copyObstacle(loudness) { copy.giveUp(obstacle) }
    guard let file = try copy.finish() else {
      unlink(path)
      return nil
    }
    guard rename(path, folder + "/" + name) == 0 else { throw MediaError(.finish, path, code: -errno) }
    return TranscodeOutcome.AudioOutcome(
      file: file, kind: .aac, codec: CodecString.of(.aac), sampleRate: recipe.sampleRate, channels: recipe.channels,
      isCopied: true)
  }

  /// Encodes all that waits in the spool.
  private func encode(
    _ spool: SoundSpool, _ codec: AudioCodec, _ setting: Normalisation
  ) throws(MediaError) -> TranscodeOutcome.AudioOutcome {
    let name = AudioRecipe.fileName(codec)
    let path = folder + "/" + name
    let encoder = try openEncoder(codec, path)
    var writer = try FragmentWriter.open(
      path, for: encoder, language: language.terminologyCode, segments: segments)
    let packet = try Packet.make()
    let block = try Frame.make()
    let frame = try Frame.make()
    var encoded = 0
    var cuts = 1

    func drain(_ writer: inout FragmentWriter) throws(MediaError) {
      while try encoder.receive(into: packet) == .ready {
        if Int(packet.raw.pointee.pts) >= cuts * recipe.segmentLength.count * recipe.sampleRate / 1000 {
          try writer.cut()
          cuts += 1
        }
        try writer.write(packet)
      }
    }

    var player = try SoundPlayer(spool: spool, recipe: recipe, setting)
    let size = encoder.raw.pointee.frame_size > 0 ? Int(encoder.raw.pointee.frame_size) : SoundStage.blockLength
    while true {
      try block.allocateSound(
        size, format: AV_SAMPLE_FMT_FLTP, sampleRate: recipe.sampleRate, channels: recipe.channels)
      guard try player.fill(block) else { break }
      try frame.convertSound(block, to: encoder.raw.pointee.sample_fmt)
      frame.raw.pointee.pts = Int64(encoded)
      encoded += Int(block.raw.pointee.nb_samples)
      try encoder.send(frame)
      try drain(&writer)
    }
    try encoder.sendEnd()
    try drain(&writer)
    return TranscodeOutcome.AudioOutcome(
      file: try writer.finish(as: name), kind: codec, codec: CodecString.of(codec), sampleRate: recipe.sampleRate,
      channels: recipe.channels, isCopied: false)
  }

  private func openEncoder(_ codec: AudioCodec, _ path: String) throws(MediaError) -> Encoder {
    try Encoder.open(codec.encoder, for: path) { context in
      context.pointee.sample_fmt =
        switch codec {
        case .aac: AV_SAMPLE_FMT_FLTP
        case .opus: AV_SAMPLE_FMT_FLT
        case .flac: recipe.bitDepth > 16 ? AV_SAMPLE_FMT_S32 : AV_SAMPLE_FMT_S16
        }
      if codec == .flac { context.pointee.bits_per_raw_sample = Int32(recipe.bitDepth) }
      context.pointee.sample_rate = Int32(recipe.sampleRate)
      av_channel_layout_default(&context.pointee.ch_layout, Int32(recipe.channels))
      context.pointee.bit_rate = Int64(recipe.bitRate)
      context.pointee.time_base = AVRational(num: 1, den: Int32(recipe.sampleRate))
      // Without noise substitution the encoder draws no random numbers: the same bytes every time.
      context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | Int32(bitPattern: UInt32(AV_CODEC_FLAG_BITEXACT))
    }
  }
}
