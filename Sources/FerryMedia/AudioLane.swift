internal import CFFmpeg
internal import FerryCore

/// Puts sound on the timeline, converts and encodes it.
struct AudioLane: Sendable {
  let recipe: AudioRecipe
  let path: String
  let language: LanguageTag

  /// Timestamps may wander this far before samples are filled in or cut; containers round them to milliseconds.
  private static let tolerance = 0.05

  /// `nil` when not one sound came.
  func run(
    _ queue: FrameQueue, progress: (Milliseconds) -> Void
  ) throws(MediaError) -> TranscodeOutcome.AudioOutcome? {
    let encoder = try openEncoder()
    var writer = try FragmentWriter.open(path, for: encoder, language: language.terminologyCode)
    let packet = try Packet.make()
    let input = try Frame.make()
    let block = try Frame.make()
    var resampler: Resampler?
    var placed = 0  // samples on the timeline so far
    var encoded = 0
    var cuts = 1

    func drain(_ writer: inout FragmentWriter) throws(MediaError) {
      while try encoder.receive(into: packet) == .ready {
        let boundary = cuts * recipe.segmentLength.count * recipe.sampleRate / 1000
        if Int(packet.raw.pointee.pts) >= boundary {
          try writer.cut()
          cuts += 1
        }
        try writer.write(packet)
      }
    }

    func encode(_ resampler: borrowing Resampler, all: Bool, _ writer: inout FragmentWriter) throws(MediaError) {
      let size = Int(encoder.raw.pointee.frame_size)
      while resampler.waiting >= size || all && resampler.waiting > 0 {
        try resampler.take(min(size, resampler.waiting), into: block)
        block.raw.pointee.pts = Int64(encoded)
        encoded += Int(block.raw.pointee.nb_samples)
        try encoder.send(block)
        try drain(&writer)
      }
    }

    taking: while true {
      switch queue.take(into: input) {
      case .cancelled: throw MediaError(.encode, path, code: ferry_EXIT)
      case .ended: break taking
      case .frame: break
      }
      var current: Resampler
      if let open = resampler.take() {
        current = open
      } else {
        current = try Resampler.open(like: input, sampleRate: recipe.sampleRate, channels: recipe.channels)
      }
      placed += try current.adapt(to: input, through: block)
      let time = Double(input.raw.pointee.pts) / Double(max(1, input.raw.pointee.sample_rate))
      let wanted = Int((time * Double(recipe.sampleRate)).rounded())
      let gap = wanted - (placed + current.delay)
      var skip = 0
      if placed == 0 || abs(gap) > Int(AudioLane.tolerance * Double(recipe.sampleRate)) {
        if gap > 0 {
          try current.appendSilence(gap, through: block)
          placed += gap
        } else {
          skip = -gap
        }
      }
      placed += try current.append(input, skip: skip, through: block)
      try encode(current, all: false, &writer)
      resampler = consume current
      progress(Milliseconds(encoded * 1000 / recipe.sampleRate))
    }
    guard let last = resampler.take() else {
      throw MediaError(.encode, path, code: ferry_INVALIDDATA, detail: "there was no sound")
    }
    _ = try last.drain(through: block)
    try encode(last, all: true, &writer)
    try encoder.sendEnd()
    try drain(&writer)
    let file = try writer.finish(as: "audio.mp4")
    return TranscodeOutcome.AudioOutcome(
      file: file, codec: "mp4a.40.2", sampleRate: recipe.sampleRate, channels: recipe.channels)
  }

  private func openEncoder() throws(MediaError) -> Encoder {
    try Encoder.open("aac", for: path) { context in
      context.pointee.sample_fmt = AV_SAMPLE_FMT_FLTP
      context.pointee.sample_rate = Int32(recipe.sampleRate)
      av_channel_layout_default(&context.pointee.ch_layout, Int32(recipe.channels))
      context.pointee.bit_rate = Int64(recipe.bitRate)
      context.pointee.time_base = AVRational(num: 1, den: Int32(recipe.sampleRate))
      // Without noise substitution the encoder draws no random numbers: the same bytes every time.
      context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | Int32(bitPattern: UInt32(AV_CODEC_FLAG_BITEXACT))
    }
  }
}
