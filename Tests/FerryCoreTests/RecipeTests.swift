import FerryCore
import Testing

/// What the profile `web` makes of sources of every kind.
struct RecipeTests {
  private func facts(
    _ width: Int, _ height: Int, rate: Rational = Rational(25, 1), real: Rational? = nil, variable: Bool = false,
    aspect: Rational = Rational(1, 1), rotation: Int = 0, interlacing: VideoFacts.Interlacing = .progressive,
    mayBeInterlaced: Bool = true
  ) -> VideoFacts {
    VideoFacts(
      width: width, height: height, sampleAspect: aspect, displayAspect: Rational(16, 9), rotation: rotation,
      isMirrored: false, averageFrameRate: rate, realFrameRate: real ?? rate, isVariableFrameRate: variable,
      pixelFormat: "yuv420p", bitDepth: 8, colourRange: nil, colourPrimaries: nil, colourTransfer: nil,
      colourMatrix: nil, interlacing: interlacing, mayBeInterlaced: mayBeInterlaced)
  }

  private func recipe(_ facts: VideoFacts) -> VideoRecipe { VideoRecipe(Profile.web.video!, for: facts, stream: 0) }

  private func sizes(_ facts: VideoFacts) -> [String] {
    recipe(facts).renditions.map { "\($0.name) \($0.width)x\($0.height)" }
  }

  @Test func makesTheWholeLadder() {
    #expect(sizes(facts(1920, 1080)) == ["1080p 1920x1080", "720p 1280x720", "480p 854x480"])
    #expect(sizes(facts(3840, 2160)) == ["1080p 1920x1080", "720p 1280x720", "480p 854x480"])
  }

  @Test func neverScalesUp() {
    #expect(sizes(facts(1280, 720)) == ["720p 1280x720", "480p 854x480"])
    #expect(sizes(facts(640, 360)) == ["360p 640x360"])
    #expect(sizes(facts(320, 240)) == ["240p 320x240"])
  }

  @Test func leavesOutARungThatAddsNothing() {
    #expect(sizes(facts(1366, 768)) == ["768p 1366x768", "480p 854x480"])
    #expect(sizes(facts(890, 500)) == ["500p 890x500"])
  }

  @Test func measuresPortraitByItsShortSide() {
    #expect(sizes(facts(1080, 1920)) == ["1080p 1080x1920", "720p 720x1280", "480p 480x854"])
    #expect(sizes(facts(1920, 1080, rotation: 90)) == ["1080p 1080x1920", "720p 720x1280", "480p 480x854"])
  }

  /// Of 480 lines or, where a rung added nothing, of fewer; none where there is nothing smaller to take.
  @Test func phonesGetTheLargestOfAtMost480Lines() {
    func forPhones(_ profile: Profile, _ width: Int, _ height: Int) -> String? {
      let made = profile.video.map { VideoRecipe($0, for: facts(width, height), stream: 0).renditions } ?? []
      return Rendition.forPhones(among: made)?.name
    }
    for (width, height, name) in [
      (1920, 1080, "480p"), (1280, 720, "480p"), (1366, 768, "480p"), (1080, 1920, "480p"), (890, 500, nil),
      (854, 480, nil), (640, 360, nil),
    ] {
      #expect(forPhones(.web, width, height) == name, "\(width)x\(height)")
    }
    #expect(forPhones(.webSmall, 1920, 1080) == nil)
    #expect(forPhones(.archive, 1920, 1080) == nil)
    #expect(forPhones(.audio, 1920, 1080) == nil)
    var twice = Profile.web
    twice.video?.codecs = [.h264, .vp9]
    #expect(forPhones(twice, 1920, 1080) == "480p")
  }

  @Test func makesPixelsSquareAndSidesEven() {
    #expect(sizes(facts(720, 576, aspect: Rational(64, 45))) == ["576p 1024x576", "480p 854x480"])
    #expect(sizes(facts(641, 361)) == ["360p 640x360"])
    #expect(sizes(facts(1920, 880)) == ["880p 1920x880", "720p 1570x720", "480p 1048x480"])
  }

  @Test(arguments: [
    (Rational(25, 1), "25"), (Rational(30000, 1001), "30000/1001"), (Rational(60000, 1001), "30000/1001"),
    (Rational(50, 1), "25"), (Rational(120, 1), "30"), (Rational(24000, 1001), "24000/1001"), (Rational(25, 2), "25/2"),
    (Rational(48, 1), "24"), (Rational(144, 1), "144/5"), (Rational(10, 1), "10"), (Rational(15, 1), "15"),
    (Rational(59940, 2001), "30000/1001"), (Rational(1, 1), "1"), (Rational(1, 100), "1"),
  ])
  func keepsTheSourcesRateOrAWholePartOfIt(_ source: Rational, _ made: String) {
    #expect(recipe(facts(1280, 720, rate: source)).frameRate.description == made)
  }

  @Test func givesVariableRatesAConstantOne() {
    #expect(
      recipe(facts(640, 480, rate: Rational(8, 1), real: Rational(120, 1), variable: true)).frameRate == Rational(30, 1)
    )
    #expect(
      recipe(facts(640, 480, rate: Rational(12, 1), real: Rational(50, 1), variable: true)).frameRate == Rational(25, 1)
    )
    #expect(recipe(facts(640, 480, rate: Rational(1000, 1))).frameRate == Rational(30, 1))
  }

  /// A recorder that writes a picture when a slide changes: half the rate shows a pointer well enough.
  @Test func givesSlidesLess() {
    func rate(_ average: Rational, variable: Bool = true) -> Rational {
      recipe(facts(640, 480, rate: average, real: Rational(60, 1), variable: variable)).frameRate
    }
    #expect(rate(Rational(2, 1)) == Rational(15, 1))
    #expect(rate(Rational(5, 1)) == Rational(15, 1))
    #expect(rate(Rational(51, 10)) == Rational(30, 1))
    #expect(rate(Rational(5, 1), variable: false) == Rational(5, 1))
  }

  @Test func setsKeyFramesEveryTwoSeconds() {
    #expect(recipe(facts(640, 480)).keyFrameInterval == 50)
    #expect(recipe(facts(640, 480, rate: Rational(30000, 1001))).keyFrameInterval == 60)
    #expect(recipe(facts(640, 480)).segmentLength == 100)
  }

  @Test func capsEachSizeByItsOwnRung() {
    let rates = recipe(facts(1280, 720)).renditions.map(\.maximumRate)
    #expect(rates == Profile.web.video!.ladder.dropFirst().map(\.maximumRate))
  }

  @Test func measuresTheFieldsOfWhatMayHaveThem() {
    #expect(recipe(facts(640, 360, interlacing: .topFieldFirst)).scan == .flaggedTopFirst)
    #expect(recipe(facts(1920, 1080, interlacing: .unknown)).scan == .measured)
    #expect(recipe(facts(720, 576, aspect: Rational(16, 15))).scan == .measured, "flags may be wrong")
    #expect(recipe(facts(1920, 1080, mayBeInterlaced: false)).scan == .progressive)
    #expect(recipe(facts(1280, 720)).scan == .progressive)
    #expect(recipe(facts(1920, 1080, rate: Rational(24, 1))).scan == .progressive)
    #expect(recipe(facts(1920, 1080, rotation: 90)).scan == .progressive, "a telephone's")
  }

  @Test func choosesTheSoundOfTheLanguage() {
    func sound(_ index: Int, _ language: String?, isDefault: Bool = false, _ aside: String...) -> StreamFacts {
      StreamFacts(
        index: index, kind: .audio, codec: "aac", language: language,
        disposition: (isDefault ? ["default"] : []) + aside,
        audio: AudioFacts(sampleRate: 48_000, channels: 2, layout: "stereo", sampleFormat: "fltp"))
    }
    func chosen(_ streams: [StreamFacts]) -> Int? {
      SourceFacts(container: "mov", size: 1, duration: 1000, start: 0, bitRate: nil, streams: streams, chapters: [])
        .mainAudio(language: LanguageTag("zh-Hans")!)?.index
    }
    #expect(chosen([sound(1, "eng", isDefault: true), sound(2, "zho")]) == 2)
    #expect(chosen([sound(1, "eng"), sound(2, "chi")]) == 2)
    #expect(chosen([sound(1, "eng"), sound(2, "fra", isDefault: true)]) == 2)
    #expect(chosen([sound(1, "eng", isDefault: true), sound(2, "cmn")]) == 2)
    #expect(chosen([sound(1, "eng", isDefault: true), sound(2, "zh-Hans")]) == 2)
    #expect(chosen([sound(1, "eng", isDefault: true), sound(2, "zh-TW")]) == 2)
    #expect(chosen([sound(1, "eng", isDefault: true), sound(2, nil), sound(3, "und", isDefault: true)]) == 3)
    // The programme's own sound, whatever comes first or by default.
    #expect(chosen([sound(1, "zho", isDefault: true, "comment", "visual_impaired"), sound(2, "zho")]) == 2)
    #expect(chosen([sound(1, "zho", isDefault: false, "comment"), sound(2, nil)]) == 2)
    #expect(chosen([sound(1, "zho", isDefault: false, "comment"), sound(2, "eng", isDefault: true)]) == 1)
    #expect(chosen([sound(1, "eng", isDefault: true, "dub"), sound(2, "eng")]) == 2)
    #expect(chosen([]) == nil)
  }

  @Test func plansWhatIsKnown() throws {
    let title = Title(
      id: "A", field: "f", name: [:], source: FileReference(written: "a", path: "a", place: Place("j")), subtitles: [],
      place: Place("j"))
    let known = TitlePlan.Known(
      duration: 60_000, recipe: Recipe(video: recipe(facts(1920, 1080)), audio: nil), hasKeptRenditions: false)
    let plan = TitlePlan(title: title, known: known, awaited: [], isRefused: false)
    #expect(plan.state == .ready)
    #expect(plan.steps.first?.runs == true)
    #expect((10...90).contains(plan.steps[0].seconds))
    var kept = known
    kept.hasKeptRenditions = true
    let again = TitlePlan(title: title, known: kept, awaited: [], isRefused: false)
    #expect(again.steps.first?.runs == false)
    #expect(again.steps.first?.reason.hasPrefix("unchanged: skipped") == true)
    #expect(TitlePlan(title: title, known: nil, awaited: [], isRefused: true).steps.isEmpty)
    let late = SubtitleFile(
      language: try #require(LanguageTag("en")), file: title.source, due: Day("2026-12-01"), translator: "Desk A")
    let waiting = TitlePlan(title: title, known: known, awaited: [late], isRefused: false)
    #expect(waiting.state == .waiting)
    #expect(waiting.awaited == ["en from Desk A, due 2026-12-01"])
    #expect(waiting.steps.filter(\.runs).map(\.name) == [.transcode])
  }
}
