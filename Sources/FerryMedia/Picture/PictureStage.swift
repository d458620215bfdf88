internal import CFFmpeg
internal import FerryCore

/// Turns decoded pictures into upright, progressive BT.709 pictures of the largest size at a constant rate, looks at
/// each once, and hands it to the encoders.
///
/// One thread runs this between the decoder and the encoders. A picture that the constant rate drops costs nothing but
/// its decoding, and one that it repeats is scaled and looked at once.
struct PictureStage: ~Copyable {
  private let recipe: VideoRecipe
  /// What measuring the source's fields found, where they were measured.
  private let scan: ScanMeasure?
  private let next: FrameQueue?
  private let progress: (Milliseconds) -> Void
  private let held: Frame
  private let filtered: Frame
  private let scaled: Frame
  private let shared: Frame
  private var filter: PictureFilter?
  private var filterSource: Scaler.Source?
  private var scaler: Scaler?
  private var scalerSource: Scaler.Source?
  private var rate = ConstantRate()
  private var look: PictureLook
  private let severities: CheckRules
  /// Sizes of the source's pictures as they came, each with the time from which it held.
  private var sizes: [(source: Scaler.Source, time: Double)] = []

  struct Outcome: Sendable {
    var frames: Int
    var poster: String?
    var thumbnails: TranscodeOutcome.Thumbnails?
    var findings: [Quality.Finding]
  }

  static func open(
    _ recipe: Recipe, _ video: VideoRecipe, scan: ScanMeasure?, expected: Milliseconds, next: FrameQueue?,
    progress: @escaping (Milliseconds) -> Void
  ) throws(MediaError) -> PictureStage {
    PictureStage(
      recipe: video, scan: scan, next: next, progress: progress, held: try Frame.make(),
      filtered: try Frame.make(), scaled: try Frame.make(), shared: try Frame.make(),
      look: try PictureLook.open(recipe, video, expected: expected), severities: recipe.checks)
  }

  private init(
    recipe: VideoRecipe, scan: ScanMeasure?, next: FrameQueue?, progress: @escaping (Milliseconds) -> Void,
    held: consuming Frame, filtered: consuming Frame, scaled: consuming Frame, shared: consuming Frame,
    look: consuming PictureLook, severities: CheckRules
  ) {
    self.severities = severities
    self.recipe = recipe
    self.scan = scan
    self.next = next
    self.progress = progress
    self.held = held
    self.filtered = filtered
    self.scaled = scaled
    self.shared = shared
    filter = nil
    scaler = nil
    self.look = look
  }

  /// Takes pictures until the queue ends, then writes the stills into `folder`.
  consuming func run(_ queue: FrameQueue, folder: String) throws(MediaError) -> Outcome {
    let frame = try Frame.make()
    taking: while true {
      switch queue.take(into: frame) {
      case .cancelled: throw MediaError(.encode, folder, code: ferry_EXIT)
      case .ended: break taking
      case .frame: break
      }
      let time = Double(frame.raw.pointee.pts) / 1_000_000
      if try !take(frame, at: time) { throw MediaError(.encode, folder, code: ferry_EXIT) }
    }
    if try !drainFilter() { throw MediaError(.encode, folder, code: ferry_EXIT) }
    let times = rate.repeats(toEnd: queue.endTime, rate: recipe.frameRate.value)
    if try !write(times: times) { throw MediaError(.encode, folder, code: ferry_EXIT) }
    let frames = rate.next
    progress(position(frames))
    let changes = sizeChanges(until: position(frames)) + fieldSurprises(until: position(frames))
    var outcome = try look.finish(frames: frames, folder: folder)
    outcome.findings += changes
    return outcome
  }

  private mutating func take(_ frame: borrowing Frame, at time: Double) throws(MediaError) -> Bool {
    let source = Scaler.Source(frame)
    if source != filterSource {
      // Pictures that change size mid-stream: what the old filter holds goes out first.
      if try !drainFilter() { return false }
      let largest = recipe.renditions[0]
      filter = try PictureFilter.open(
        like: frame, timeBase: AVRational(num: 1, den: 1_000_000), rotation: recipe.rotation,
        isMirrored: recipe.isMirrored, fields: scan?.order, colour: recipe.colour,
        largest: (largest.width, largest.height))
      filterSource = source
      if sizes.last.map({ !$0.source.looksLike(source) }) ?? true { sizes.append((source, time)) }
    }
    if try !send(frame) { return try place(frame, at: time) }
    return try receive()
  }

  /// Gives the filter a picture; `false` when there is nothing to filter.
  private func send(_ frame: borrowing Frame) throws(MediaError) -> Bool {
    switch filter {
    case .none: return false
    case .some(let filter):
      try filter.send(frame)
      return true
    }
  }

  private mutating func drainFilter() throws(MediaError) -> Bool {
    try filter?.sendEnd()
    return try receive()
  }

  private mutating func receive() throws(MediaError) -> Bool {
    while let time = try pull() {
      if try !placeFiltered(at: time) { return false }
    }
    return true
  }

  /// Takes a picture out of the filter; `nil` when it has none, else when it begins.
  private func pull() throws(MediaError) -> Double? {
    switch filter {
    case .none: return nil
    case .some(let filter):
      if try filter.receive(into: filtered) != .ready { return nil }
      return Double(filtered.raw.pointee.pts) * av_q2d(filter.timeBase)
    }
  }

  /// Writes the picture before this one as often as the constant rate asks, and holds this one.
  private mutating func place(_ frame: borrowing Frame, at time: Double) throws(MediaError) -> Bool {
    if try !writeHeld(until: time) { return false }
    av_frame_move_ref(held.raw, frame.raw)
    return true
  }

  private mutating func placeFiltered(at time: Double) throws(MediaError) -> Bool {
    if try !writeHeld(until: time) { return false }
    av_frame_move_ref(held.raw, filtered.raw)
    return true
  }

  private mutating func writeHeld(until time: Double) throws(MediaError) -> Bool {
    if !held.isEmpty, try !write(times: rate.repeats(until: time, rate: recipe.frameRate.value)) { return false }
    held.clear()
    return true
  }

  private mutating func write(times: Int) throws(MediaError) -> Bool {
    if times == 0 { return true }
    try scale()
    look.see(scaled)
    let first = rate.next - times
    for number in first..<rate.next {
      try look.take(scaled, number: number)
      guard let next else { continue }
      try shared.refer(to: scaled)
      shared.raw.pointee.pts = Int64(number)
      if !next.push(shared) { return false }
    }
    if first / 10 != rate.next / 10 { progress(position(rate.next)) }
    return true
  }

  /// Brings the held picture to the largest size, in the encoders' format.
  private mutating func scale() throws(MediaError) {
    let source = Scaler.Source(held)
    let largest = recipe.renditions[0]
    if source != scalerSource {
      scaler =
        source.isReady(width: largest.width, height: largest.height)
        ? nil
        : try Scaler.open(
          from: source, width: largest.width, height: largest.height, sampleAspect: source.sampleAspect)
      scalerSource = source
    }
    switch scaler {
    case .none: try scaled.refer(to: held)
    case .some(let scaler): try scaler.scale(held, into: scaled)
    }
    // What a decoder left in a picture would steer the encoder.
    scaled.raw.pointee.pict_type = AV_PICTURE_TYPE_NONE
    scaled.raw.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
    while scaled.raw.pointee.nb_side_data > 0, let side = scaled.raw.pointee.side_data[0] {
      av_frame_remove_side_data(scaled.raw, side.pointee.type)
    }
  }

  private func position(_ frames: Int) -> Milliseconds {
    Milliseconds(seconds: Double(frames) / recipe.frameRate.value)
  }

  private func sizeChanges(until end: Milliseconds) -> [Quality.Finding] {
    guard severities.pictureSize != .off else { return [] }
    return sizes.indices.dropFirst().map { index in
      let (before, now) = (sizes[index - 1].source, sizes[index].source)
      let until = index + 1 < sizes.count ? sizes[index + 1].time : end.duration.inSeconds
      return Quality.Finding(
        kind: .pictureSize, severity: severities.pictureSize,
        startMs: Milliseconds(seconds: sizes[index].time),
        endMs: Milliseconds(seconds: until),
        detail: "the picture changes from \(before.width)x\(before.height) to \(now.width)x\(now.height)",
        measure: .sizes(
          before: .init(width: Int(before.width), height: Int(before.height)),
          after: .init(width: Int(now.width), height: Int(now.height))))
    }
  }
}

extension PictureStage {
  /// Fields that are not as the file says.
  private func fieldSurprises(until end: Milliseconds) -> [Quality.Finding] {
    guard severities.fieldOrder != .off, let scan else { return [] }
    let flagged = FieldOrder(flaggedBy: recipe.scan)
    if scan.order == flagged { return [] }
    func words(_ order: FieldOrder?) -> String {
      switch order {
      case .none: "progressive"
      case .topFirst: "interlaced, top field first"
      case .bottomFirst: "interlaced, bottom field first"
      }
    }
    func fields(_ order: FieldOrder?) -> Quality.Finding.Fields {
      switch order {
      case .none: .progressive
      case .topFirst: .topFirst
      case .bottomFirst: .bottomFirst
      }
    }
    let said = flagged == nil ? "no flag says that they are fields" : "the file says \(words(flagged))"
    return [
      Quality.Finding(
        kind: .fieldOrder, severity: severities.fieldOrder, startMs: 0, endMs: end,
        detail: "\(said), the pictures are \(words(scan.order)), and were taken so",
        measure: .fields(flagged: flagged.map { fields($0) }, found: fields(scan.order)))
    ]
  }
}

extension FieldOrder {
  /// What the source's flags say; `nil` for whole pictures, or where they say nothing.
  init?(flaggedBy scan: VideoRecipe.Scan) {
    switch scan {
    case .progressive, .measured: return nil
    case .flaggedTopFirst: self = .topFirst
    case .flaggedBottomFirst: self = .bottomFirst
    }
  }
}

extension Scaler.Source {
  /// Whether a viewer sees pictures of the same size and shape.
  func looksLike(_ other: Scaler.Source) -> Bool { width == other.width && height == other.height }
}
