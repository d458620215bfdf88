internal import CFFmpeg
internal import FerryCore

/// Looks at decoded sound, puts it on the timeline, resamples and mixes it, and gives it on in blocks.
struct SoundStage: ~Copyable {
  private let recipe: AudioRecipe
  private let input: Frame
  private let block: Frame
  private var resampler: Resampler?
  private var floats: PlanarFloats?
  private var placement: SoundPlacement
  private var watch: SoundChecks
  /// Samples on the timeline so far, and those of them that were given on.
  private var placed = 0
  private var handed = 0
  /// Where the sound begins and ends by itself; silence fills the programme around it.
  private var begins = 0
  private var ends = 0
  /// The first channels that are not heard, and from where on.
  private var loss: (words: String, start: Int)?

  /// Sound that is missing for longer than this at the programme's beginning or end is told, in seconds.
  private static let shortestGap = 0.5

  /// Samples in a block, at most.
  static let blockLength = 4096

  static func open(_ recipe: AudioRecipe, _ checks: CheckRules) throws(MediaError) -> SoundStage {
    SoundStage(recipe: recipe, checks: checks, input: try Frame.make(), block: try Frame.make())
  }

  private init(recipe: AudioRecipe, checks: CheckRules, input: consuming Frame, block: consuming Frame) {
    self.recipe = recipe
    self.input = input
    self.block = block
    placement = SoundPlacement(sampleRate: recipe.sampleRate)
    watch = SoundChecks(checks, sampleRate: recipe.sampleRate)
  }

  /// Takes all that comes, fills it with silence to the programme's end, and returns what was found in it; `nil` when
  /// nothing came.
  consuming func run(
    _ queue: FrameQueue, progress: (Milliseconds) -> Void, _ take: (borrowing Frame) throws(MediaError) -> Void
  ) throws(MediaError) -> [Quality.Finding]? {
    taking: while true {
      switch queue.take(into: input) {
      case .cancelled: throw MediaError(.encode, "the sound", code: ferry_EXIT)
      case .ended: break taking
      case .frame: break
      }
      try add(before: queue.following(SoundPlacement.lookahead), take)
      progress(Milliseconds(handed * 1000 / recipe.sampleRate))
    }
    guard let last = resampler.take() else { return nil }
    placed += try last.drain(through: block)
    try hand(last, all: true, take)
    ends = placed
    let missing = SoundStage.samples(queue.endTime, recipe) - placed
    try SoundStage.silence(missing, recipe, through: block, take)
    placed += max(0, missing)
    return findings()
  }

  /// Gives on so many silent samples, if any, in blocks.
  static func silence(
    _ count: Int, _ recipe: AudioRecipe, through block: borrowing Frame,
    _ take: (borrowing Frame) throws(MediaError) -> Void
  ) throws(MediaError) {
    var left = count
    while left > 0 {
      let part = min(left, blockLength)
      try block.allocateSound(
        part, format: AV_SAMPLE_FMT_FLTP, sampleRate: recipe.sampleRate, channels: recipe.channels)
      av_samples_set_silence(
        block.raw.pointee.extended_data, 0, Int32(part), Int32(recipe.channels), AV_SAMPLE_FMT_FLTP)
      try take(block)
      left -= part
    }
  }

  /// The sample of the output that lies at this second.
  static func samples(_ seconds: Double, _ recipe: AudioRecipe) -> Int {
    Int((seconds * Double(recipe.sampleRate)).rounded())
  }

  /// Puts the frame in `input` where it belongs.
  private mutating func add(
    before following: [FrameQueue.Glimpse], _ take: (borrowing Frame) throws(MediaError) -> Void
  ) throws(MediaError) {
    var current: Resampler
    if let open = resampler.take() {
      current = open
    } else {
      current = try Resampler.open(like: input, sampleRate: recipe.sampleRate, channels: recipe.channels)
    }
    placed += try current.adapt(to: input, through: block)
    let piece = piece(FrameQueue.Glimpse(input.raw.pointee))
    var skip = 0
    let step = placement.next(
      piece, at: placed + current.delay, before: following.map { self.piece($0) }, isFirst: placed == 0)
    switch step {
    case .follow(let share): try current.stretch(by: share)
    case .place:
      if placed > 0 { placed += try current.restart(with: input, through: block) }
      let gap = piece.start - placed - current.delay
      if gap > 0 {
        if placed == 0 {
          begins = gap
          watch.begin(at: Double(gap) / Double(recipe.sampleRate))
        }
        try current.appendSilence(gap, through: block)
        placed += gap
      }
      skip = max(0, -gap)
    }
    note(current.mix.loss)
    try look(from: placed + current.delay, skipping: skip, heard: current.mix.heard)
    // The first frames fill the converter even where they are cut; later ones would run into what follows them.
    if placed == 0 || Double(skip) < piece.length {
      placed += try current.append(input, skip: skip, through: block)
    }
    try hand(current, all: false, take)
    resampler = consume current
  }

  /// Where a frame says that it lies, in samples of the output.
  private func piece(_ frame: FrameQueue.Glimpse) -> SoundPlacement.Piece {
    let rate = Double(max(1, frame.sampleRate))
    let scale = Double(recipe.sampleRate)
    return SoundPlacement.Piece(
      start: Int(bounded: Double(frame.time) / rate * scale), length: Double(frame.samples) * scale / rate)
  }

  /// Gives on what waits, in whole blocks or `all` of it.
  private mutating func hand(
    _ resampler: borrowing Resampler, all: Bool, _ take: (borrowing Frame) throws(MediaError) -> Void
  ) throws(MediaError) {
    while resampler.waiting >= SoundStage.blockLength || all && resampler.waiting > 0 {
      try resampler.take(min(SoundStage.blockLength, resampler.waiting), into: block)
      handed += Int(block.raw.pointee.nb_samples)
      try take(block)
    }
  }

  /// Checks those channels of the frame in `input` that are heard, before they are mixed.
  private mutating func look(from position: Int, skipping skip: Int, heard: [Int]) throws(MediaError) {
    if !watch.isOn { return }
    var current: PlanarFloats
    if let open = floats.take(), open.fits(input) {
      current = open
    } else {
      current = try PlanarFloats.open(like: input)
    }
    if let planes = try current.channels(of: input) {
      let rate = Int(input.raw.pointee.sample_rate)
      let count = Int(input.raw.pointee.nb_samples)
      let first = min(count, Int(bounded: (Double(skip) * Double(rate) / Double(recipe.sampleRate)).rounded(.down)))
      watch.move(to: Double(position) / Double(recipe.sampleRate), sampleRate: rate)
      watch.add(heard.map { UnsafeBufferPointer(start: planes[$0] + first, count: count - first) })
    }
    floats = consume current
  }

  private mutating func note(_ words: String?) {
    if loss == nil, let words { loss = (words, placed) }
  }

  private consuming func findings() -> [Quality.Finding] {
    func warning(_ kind: Quality.Finding.Kind, _ span: Range<Int>, _ detail: String) -> Quality.Finding {
      func time(_ sample: Int) -> Milliseconds { Milliseconds(sample * 1000 / recipe.sampleRate) }
      return Quality.Finding(
        kind: kind, severity: .warning, startMs: time(span.lowerBound), endMs: time(span.upperBound), detail: detail)
    }
    func length(_ samples: Int) -> String { seconds(Double(samples) / Double(recipe.sampleRate)) }
    let audible = SoundStage.samples(SoundStage.shortestGap, recipe)
    var found: [Quality.Finding] = []
    if let loss { found.append(warning(.channels, loss.start..<ends, loss.words)) }
    if begins > audible {
      found.append(
        warning(.soundBegins, 0..<begins, "the sound begins \(length(begins)) after the picture; silence fills the gap")
      )
    }
    if placed - ends > audible {
      found.append(
        warning(
          .soundEnds, ends..<placed,
          "the sound ends \(length(placed - ends)) before the picture; silence fills the rest"))
    }
    return found + watch.finish()
  }
}
