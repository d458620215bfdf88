extension Recipe {
  /// What `profile` makes of a source; `nil` when nothing of it can be made.
  package init?(
    _ profile: Profile, for facts: SourceFacts, language: LanguageTag, tolerances: Set<Tolerance> = []
  ) {
    stills = profile.stills
    checks = profile.checks
    self.tolerances = tolerances
    video = profile.video.flatMap { rules in
      facts.mainVideo.flatMap { stream in VideoRecipe(rules, for: stream) }
    }
    let segment = profile.video.map { Milliseconds($0.keyFrameInterval.count * $0.keyFramesPerSegment) }
    audio = AudioRecipe(
      profile.audio, for: facts.mainAudio(language: language), segmentLength: segment ?? 4000,
      besideVideo: profile.video?.codecs ?? [], hasPicture: video != nil)
    if video == nil && audio == nil { return nil }
  }
}

extension Recipe {
  /// Streams that would be copied if their bit rates and key frames, which the file does not tell, were right.
  ///
  /// Matroska and FLV hold packets as MP4 does, but have no index of them all.
  package static func worthCounting(_ profile: Profile, in facts: SourceFacts, language: LanguageTag) -> Set<Int> {
    guard facts.container.hasPrefix("matroska") || facts.container == "flv" else { return [] }
    var hoped = facts
    var unknown: Set<Int> = []
    for index in hoped.streams.indices {
      let stream = hoped.streams[index]
      if stream.bitRate != nil, stream.video == nil || stream.video?.keyFrameSpacing != nil { continue }
      unknown.insert(stream.index)
      hoped.streams[index].bitRate = stream.bitRate ?? 1
      hoped.streams[index].video?.keyFrameSpacing = 1
    }
    guard let recipe = Recipe(profile, for: hoped, language: language) else { return [] }
    let copied = [
      recipe.video.flatMap { $0.isCopied ? $0.sourceStream : nil },
      recipe.audio.flatMap { $0.mayCopy ? $0.sourceStream : nil },
    ]
    return unknown.intersection(copied.compactMap { $0 })
  }
}

extension AudioRecipe {
  /// `nil` for a source without sound, unless the rules want silence in its place.
  init?(
    _ rules: Profile.AudioRules, for stream: StreamFacts?, segmentLength: Milliseconds, besideVideo: [VideoCodec],
    hasPicture: Bool
  ) {
    guard stream != nil || rules.whenMissing == .silence && hasPicture else { return nil }
    let facts = stream?.audio
    sourceStream = stream?.index
    // Players of VP9 expect Opus beside it; all others take AAC.
    codecs = [rules.codec] + (besideVideo.contains(.vp9) && rules.codec != .opus ? [.opus] : [])
    sampleRate = rules.sampleRate
    let wanted = min(rules.channels, max(1, facts?.channels ?? rules.channels))
    channels = wanted == 1 && rules.mono == .dual ? min(2, rules.channels) : wanted
    bitDepth = facts?.sampleFormat.hasPrefix("s32") ?? false ? 24 : 16
    bitRate = rules.bitRate
    loudness = stream == nil ? nil : rules.loudness
    self.segmentLength = segmentLength
    mayCopy = false
    if let stream { mayCopy = copyObstacle(stream, rules) == nil }
  }

  /// Why the source's own packets cannot be the sound, whatever its loudness; `nil` when they can.
  package func copyObstacle(_ stream: StreamFacts, _ rules: Profile.AudioRules) -> String? {
    guard let facts = stream.audio else { return "it has no sound" }
    if codecs != [.aac] { return "it is made as \(codecs.map(\.rawValue).joined(separator: " and "))" }
    if stream.codec != "aac" { return "it is \(stream.codec), not aac" }
    let profile = stream.codecProfile ?? "unknown"
    if profile != "LC" { return "its AAC profile is \(profile), not LC" }
    if facts.isADTS { return "each of its packets carries a header of its own (ADTS), which MP4 does not take" }
    if facts.sampleRate != sampleRate { return "it has \(facts.sampleRate) samples a second, not \(sampleRate)" }
    if facts.channels != channels { return "it is \(facts.layout), which becomes \(channels) channels" }
    let most = Double(rules.bitRate) * 1.1
    guard let rate = stream.bitRate, Double(rate) <= most else {
      return "its bit rate is above \(Int(most) / 1000) kbit/s, or not known"
    }
    return nil
  }

  /// Why sound of this loudness is not delivered as it is; `nil` when it may be.
  package func copyObstacle(_ measured: Loudness) -> String? {
    guard let target = loudness else { return nil }
    if let integrated = measured.integrated, abs(integrated - target.integrated) > 0.5 {
      return "it is as loud as \(integrated) LUFS, not \(target.integrated)"
    }
    if let peak = measured.truePeak, peak > target.truePeak + 0.5 {
      return "its peaks reach \(peak) dBTP, not \(target.truePeak)"
    }
    return nil
  }
}

extension VideoRecipe {
  init?(_ rules: Profile.VideoRules, for stream: StreamFacts) {
    guard let facts = stream.video else { return nil }
    self.init(rules, for: facts, stream: stream.index)
    isCopied = rules.copiesWhenRight && copyObstacle(stream) == nil
  }

  /// Decides from the picture alone, without a copy.
  package init(_ rules: Profile.VideoRules, for facts: VideoFacts, stream: Int) {
    sourceStream = stream
    rotation = facts.rotation
    isMirrored = facts.isMirrored
    scan = VideoRecipe.scan(of: facts)
    frameRate = VideoRecipe.frameRate(for: facts, atMost: rules.maximumFrameRate)
    keyFrameInterval = max(1, Int(bounded: rules.keyFrameInterval.duration.inSeconds * frameRate.value))
    segmentLength = keyFrameInterval * rules.keyFramesPerSegment
    chunkLength = VideoRecipe.chunkLength(keyFrames: rules.keyFrameInterval, interval: keyFrameInterval)
    colour = Colour(for: facts)
    renditions = rules.codecs.flatMap { VideoRecipe.renditions(rules, for: facts, codec: $0) }
    isCopied = false
  }

  /// Why the source's own packets cannot be the first rendition; `nil` when they can.
  ///
  /// They must be what would be encoded: codec, level, size, rate, colour and bit rate, and a key frame wherever a
  /// fragment begins.
  package func copyObstacle(_ stream: StreamFacts) -> String? {
    guard let facts = stream.video, let first = renditions.first else { return "it has no picture" }
    if first.codec != .h264 || stream.codec != "h264" { return "it is \(stream.codec), not h264" }
    let profile = stream.codecProfile ?? "unknown"
    if !["High", "Main", "Constrained Baseline"].contains(profile) { return "its H.264 profile is \(profile)" }
    guard let level = stream.level, level <= 42 else { return "its H.264 level is above 4.2" }
    if facts.pixelFormat != "yuv420p" { return "its pictures are \(facts.pixelFormat)" }
    if facts.rotation != 0 || facts.isMirrored { return "it is to be turned" }
    if facts.interlacing != .progressive { return "it is not marked progressive" }
    if (facts.width, facts.height) != (first.width, first.height) || facts.sampleAspect.value != 1 {
      return
        "its size is \(facts.width)x\(facts.height) with pixels of \(facts.sampleAspect), not \(first.width)x\(first.height)"
    }
    guard !facts.isVariableFrameRate, facts.averageFrameRate == frameRate else {
      return "its frame rate is not a constant \(frameRate)"
    }
    let tags = [facts.colourMatrix, facts.colourPrimaries, facts.colourTransfer]
    if tags != ["bt709", "bt709", "bt709"] || facts.colourRange != "limited" { return "it is not tagged BT.709" }
    guard let rate = stream.bitRate, rate <= first.maximumRate else {
      return "its bit rate is above \(first.maximumRate / 1000) kbit/s, or not known"
    }
    guard let spacing = facts.keyFrameSpacing, segmentLength % spacing == 0 else {
      return "no key frame begins each \(segmentLength) frames, or its container does not say"
    }
    return nil
  }

  /// Whether a source's fields must be measured: it says that it is interlaced, or it is of a size, rate and codec
  /// that cameras and broadcasters interlace.
  private static func scan(of facts: VideoFacts) -> Scan {
    if facts.interlacing == .topFieldFirst { return .flaggedTopFirst }
    if facts.interlacing == .bottomFieldFirst { return .flaggedBottomFirst }
    let isBroadcastSize = [480, 486, 576, 1080, 1088].contains(facts.height)
    let rate = (facts.averageFrameRate ?? facts.realFrameRate)?.value ?? 0
    let isBroadcastRate = [25, 29.97, 30, 50, 59.94].contains { abs($0 - rate) < 0.02 }
    return facts.mayBeInterlaced && isBroadcastSize && isBroadcastRate && facts.rotation == 0 ? .measured : .progressive
  }

  /// The source's own rate, divided by a whole number until it is at most `most`; half of that is enough for a recorder
  /// that writes a picture only when a slide changes.
  static func frameRate(for facts: VideoFacts, atMost most: Int) -> Rational {
    let limit = isSlides(facts) ? min(most, 15) : most
    let fallback = Rational(min(limit, 30), 1)
    guard let rate = facts.isVariableFrameRate ? facts.realFrameRate : facts.averageFrameRate ?? facts.realFrameRate,
      rate.numerator > 0, rate.denominator > 0
    else { return fallback }
    // Above 240 it is a container's clock, not a camera's rate.
    if rate.value > 240 {
      // Phones film at about 30, or 25 where the light flickers so; their average says which.
      if let average = facts.averageFrameRate?.value, abs(average - 25) < 0.5, limit >= 25 { return Rational(25, 1) }
      return fallback
    }
    // 29.97 and 30 both pass a limit of 30; measured rates such as 30.02 do too.
    let divisor = max(1, Int((rate.value / (Double(limit) + 0.05)).rounded(.up)))
    // A slower one would make segments longer than the profile says, and players wait for each.
    return rate.value < 1 ? Rational(1, 1) : standard(Rational(rate.numerator, rate.denominator * divisor))
  }

  /// At most five pictures a second over all, at times that vary.
  private static func isSlides(_ facts: VideoFacts) -> Bool {
    facts.isVariableFrameRate && (facts.averageFrameRate.map { $0.value > 0 && $0.value <= 5 } ?? false)
  }

  /// A rate within 0.1 % of a standard one is that one; others stay, in lowest terms.
  private static func standard(_ rate: Rational) -> Rational {
    let known = [
      Rational(24000, 1001), Rational(24, 1), Rational(25, 1), Rational(30000, 1001), Rational(30, 1),
      Rational(50, 1), Rational(60000, 1001), Rational(60, 1), Rational(15, 1), Rational(12, 1), Rational(10, 1),
      Rational(25, 2), Rational(20, 1),
    ]
    let near = known.filter { abs($0.value / rate.value - 1) < 0.001 }
    if let best = near.min(by: { abs($0.value - rate.value) < abs($1.value - rate.value) }) { return best }
    // Millihertz are exact enough for a camera and keep the encoder's time base small.
    let thousandths = max(1, Int((rate.value * 1000).rounded()))
    let divisor = greatestCommonDivisor(thousandths, 1000)
    return Rational(thousandths / divisor, 1000 / divisor)
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }

  /// The sizes to encode: the rungs below the source and one at the source's own size, never scaled up, and none
  /// within 10 % of the one above.
  static func renditions(_ rules: Profile.VideoRules, for facts: VideoFacts, codec: VideoCodec) -> [Rendition] {
    let shown = displaySize(of: facts)
    let shortSide = min(shown.width, shown.height)
    var result: [Rendition] = []
    for (index, rung) in rules.ladder.enumerated() {
      // A small source is encoded once, at its own size and by the lowest rung that is not below it.
      if index + 1 < rules.ladder.count, rules.ladder[index + 1].shortSide >= shortSide { continue }
      let (width, height) = scaled(shown, shortSide: min(rung.shortSide, shortSide))
      if let above = result.last, Double(min(width, height)) > 0.9 * Double(min(above.width, above.height)) { continue }
      result.append(
        Rendition(
          codec: codec, width: width, height: height, rateFactor: codec.rateFactor(x264: rung.rateFactor),
          maximumRate: rung.maximumRate, bufferSize: rung.bufferSize, preset: rung.preset))
    }
    return result
  }

  /// The picture as a viewer sees it: turned, and with square pixels at its full height.
  static func displaySize(of facts: VideoFacts) -> (width: Int, height: Int) {
    let aspect = facts.sampleAspect.numerator > 0 && facts.sampleAspect.denominator > 0 ? facts.sampleAspect.value : 1
    let width = Int(bounded: Double(facts.width) * aspect)
    return facts.rotation % 180 == 0 ? (width, facts.height) : (facts.height, width)
  }

  /// 4:2:0 video needs both sides even; at least 16 each, which is what encoders take.
  private static func scaled(
    _ size: (width: Int, height: Int), shortSide: Int
  ) -> (width: Int, height: Int) {
    let short = min(size.width, size.height)
    func even(_ side: Int) -> Int {
      max(16, Int(bounded: Double(side) * Double(shortSide) / Double(max(1, short)) / 2) * 2)
    }
    // An odd source loses its last line rather than gain one that was never filmed.
    func side(_ side: Int) -> Int { shortSide == short ? max(16, side & ~1) : even(side) }
    return (side(size.width), side(size.height))
  }
}

extension VideoRecipe.Colour {
  /// The source's tags where it has them, else what its size makes likely: BT.601's matrix below 720 lines, and the
  /// primaries of 525 and 625 lines only where a picture has as many.
  init(for facts: VideoFacts) {
    // RGB sources (screen recordings, PNG) have no matrix of their own.
    matrix = facts.colourMatrix.map { $0 == "gbr" ? "bt709" : $0 } ?? (facts.height < 720 ? "smpte170m" : "bt709")
    let isOld = matrix == "smpte170m" || matrix == "bt470bg"
    primaries =
      facts.colourPrimaries
      ?? (matrix.hasPrefix("bt2020")
        ? "bt2020"
        : isOld && [480, 486].contains(facts.height) ? "smpte170m" : isOld && facts.height == 576 ? "bt470bg" : "bt709")
    transfer = facts.colourTransfer ?? "bt709"
    isFullRange = facts.colourRange == "full"
  }
}

extension VideoCodec {
  /// The factor at which this codec's encoder looks about as x264 does at `factor`, on its own scale.
  func rateFactor(x264 factor: Double) -> Double {
    switch self {
    case .h264: factor
    case .hevc: factor + 3
    // SVT-AV1 and libvpx count to 63.
    case .av1: (factor + 14).rounded()
    case .vp9: (factor + 12).rounded()
    }
  }
}
