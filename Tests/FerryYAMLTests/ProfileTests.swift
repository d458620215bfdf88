import FerryCore
import FerryYAML
import Testing

/// Profile files, and what is said of broken ones.
struct ProfileTests {
  private func read(_ text: String) throws -> Profile {
    try ProfileReader.read(try Document.reading(bytes: Array(text.utf8), file: "campus.yaml"))
  }

  /// Everything that is said of a profile whose own lines are `lines`.
  private func said(_ lines: String) -> [String] {
    let text = "ferry-profile: 1\nname: campus\nextends: web\n" + lines + "\n"
    do {
      _ = try read(text)
      return []
    } catch let problems as Diagnostics {
      return problems.all.map { "\($0.place) \($0.code): \($0.message) / \($0.hint ?? "")" }
    } catch {
      return ["\(error)"]
    }
  }

  @Test(arguments: Profile.builtIn.keys.sorted())
  func whatIsPrintedReadsBackAsTheSame(_ name: String) throws {
    let profile = try #require(Profile.builtIn[name])
    #expect(try read(profile.fileText) == profile)
  }

  @Test func replacesOnlyWhatItNames() throws {
    let profile = try read(
      """
      ferry-profile: 1
      name: campus
      extends: web
      video: { frame-rate: 25, codecs: [h264, av1] }
      audio: { loudness: { target: -14, limit: yes }, missing: silence, channels: mono }
      text: { files: [vtt, ttml, ass], stpp: yes }
      checks: { black: { longer-than: 5s, threshold: 4 %, severity: error }, clipped: off }
      """)
    var wanted = Profile.web
    wanted.name = "campus"
    wanted.video?.maximumFrameRate = 25
    wanted.video?.codecs = [.h264, .av1]
    wanted.audio.loudness = LoudnessTarget(integrated: -14, truePeak: -1.5, mayLimit: true)
    wanted.audio.whenMissing = .silence
    wanted.audio.channels = 1
    wanted.text = Profile.TextRules(files: [.webVTT, .ttml, .ass], stpp: true)
    wanted.checks.black = CheckRules.Rule(longerThan: 5000, threshold: 0.04, severity: .error)
    wanted.checks.clipped.severity = .off
    #expect(profile == wanted)
  }

  @Test(arguments: [
    ("vidio: none", "campus.yaml:4:1 profile.unknown-key: the profile has no 'vidio' / did you mean 'video'?"),
    (
      "text: { files: [srt] }",
      "campus.yaml:4:16 profile.combination: 'vtt' is missing, which players and ferry's own checks read / write files: [vtt, …]"
    ),
    (
      "text: { files: [vtt, sbv] }",
      "campus.yaml:4:22 profile.value: the text file 'sbv' is not known / write vtt, srt, ass, ttml, txt"
    ),
    (
      "outputs: [mp4]\ntext: { stpp: yes }",
      "campus.yaml:5:15 profile.combination: stpp is for DASH, which is not made / add dash to the outputs"
    ),
    ("outputs: [mp5]", "campus.yaml:4:11 profile.value: the output 'mp5' is not known / did you mean 'mp4'?"),
    ("outputs: []", "campus.yaml:4:10 profile.empty: 'outputs' is an empty list"),
    (
      "video: { codecs: [h265] }",
      "campus.yaml:4:19 profile.value: the codec 'h265' is not known / did you mean 'h264'?"
    ),
    ("video: { codecs: [h264, h264] }", "campus.yaml:4:25 profile.twice: the codec 'h264' is named twice"),
    ("video: { codecs: [av1] }", "campus.yaml:4:8 profile.combination: the single mp4 is for every player"),
    (
      "video: { frame-rate: 0 }",
      "profile.value: the frame rate '0' is not in range / write a whole number from 1 to 120"
    ),
    ("video: { frame-rate: fast }", "profile.value: the frame rate 'fast' is not in range"),
    ("video: { key-frames: 2 }", "the time between key frames '2' is not in range / write seconds or milliseconds"),
    ("video: { key-frames: 20s }", "the time between key frames '20s' is not in range"),
    ("video: { key-frames: 2s, segment: 5s }", "profile.segment: a segment of 5000 ms is no whole number"),
    ("video: { copy-when-right: maybe }", "'copy-when-right' 'maybe' is not known / write yes, no"),
    ("video: { ladder: 1080 }", "profile.wrong-kind: 'ladder' must be a list, not text"),
    (
      "video: { ladder: [{ lines: 720, max-rate: 1M, buffer: 2M, preset: fast }] }",
      "profile.missing-key: a size lacks 'quality' / add quality: 21"
    ),
    (
      "video: { ladder: [{ lines: 480, quality: 20, max-rate: 1M, buffer: 2M, preset: fast }, "
        + "{ lines: 720, quality: 20, max-rate: 1M, buffer: 2M, preset: fast }] }",
      "profile.ladder: 720 lines come after 480 / write the sizes from the largest to the smallest, each once"
    ),
    (
      "video: { ladder: [{ lines: 720, quality: 60, max-rate: 1M, buffer: 2M, preset: fast }] }",
      "the quality '60' is not in range / write a number: x264's constant rate factor, 0 to 51"
    ),
    (
      "video: { ladder: [{ lines: 720, quality: 20, max-rate: 1G, buffer: 2M, preset: fast }] }",
      "the largest rate '1G' is not in range / write bits, such as 6000k or 6M"
    ),
    (
      "video: { ladder: [{ lines: 720, quality: 20, max-rate: 1M, buffer: 2M, preset: vast }] }",
      "the preset 'vast' is not known / did you mean 'fast'?"
    ),
    ("audio: { codec: mp3 }", "the codec 'mp3' is not known / write aac, opus, flac"),
    ("audio: { codec: flac }", "profile.combination: FLAC does not go into mp4, hls or dash"),
    ("audio: { codec: opus, sample-rate: 44100 }", "profile.combination: Opus has 48000 samples a second, not 44100"),
    ("audio: { sample-rate: 4000 }", "the sample rate '4000' is not in range"),
    ("audio: { channels: 5.1 }", "the channels '5.1' is not known / write mono, stereo"),
    ("audio: { mono: both }", "'mono' 'both' is not known"),
    ("audio: { bit-rate: 12 }", "the bit rate '12' is not in range"),
    ("audio: { missing: yes }", "'missing' 'yes' is not known / write none, silence"),
    ("audio: { loudness: -16 }", "profile.wrong-kind: the loudness must be keys with values"),
    ("audio: { loudness: { target: 16 } }", "the loudness '16' is not in range / write a number: LUFS, -40 to -5"),
    ("audio: { loudness: { target: -16, peak: 3 } }", "the true peak '3' is not in range"),
    ("stills: yes", "profile.wrong-kind: 'stills' must be keys with values"),
    ("checks: { black: loud }", "the severity 'loud' is not known / write off, warning, error"),
    ("checks: { black: { threshold: 10 } }", "the threshold '10' is not in range / write a share, 0 % to 100 %"),
    (
      "checks: { silent: { threshold: 10 dB } }", "the threshold '10' is not in range / write a number: dBFS, -120 to 0"
    ),
    ("checks: { frozen: { longer-than: soon } }", "the time 'soon' is not in range"),
    ("checks: { blak: off }", "'checks' has no 'blak' / did you mean 'black'?"),
  ])
  func saysWhatIsWrong(_ lines: String, _ words: String) {
    let found = said(lines)
    #expect(found.count == 1, "\(found)")
    #expect(found.first?.contains(words) == true, "\(found)")
  }

  /// Files of before still work, whatever number of threads they ask for.
  @Test(arguments: ["2", "99", "all", "[1, 2]"])
  func saysThatThreadsNoLongerHaveAnEffect(_ threads: String) throws {
    let profile = try read("ferry-profile: 1\nname: campus\nextends: web\nvideo:\n  threads: \(threads)\n")
    #expect(
      profile.warnings.map { "\($0.place) \($0.severity) \($0.code)" } == ["campus.yaml:5:3 warning profile.threads"])
    var same = profile
    same.warnings = []
    same.name = "web"
    #expect(same == Profile.web)
  }

  @Test func saysEverythingAtOnce() {
    #expect(said("outputs: [mp5]\nvideo: { frame-rate: 0 }\naudio: { codec: mp3 }").count == 3)
  }

  @Test func extendsOnlyWhatIsThere() {
    let text = "ferry-profile: 2\nname: campus\nextends: wob\n"
    #expect(throws: Diagnostics.self) { try read(text) }
    do { _ = try read(text) } catch let problems as Diagnostics {
      #expect(problems.all.map(\.code) == ["profile.version", "profile.value"])
      #expect(problems.all.last?.hint == "did you mean 'web'?")
    } catch { Issue.record(error) }
  }

  @Test func aJobNamesAProfileFile() throws {
    let job = { (profile: String) in
      """
      ferry: 1
      delivery: A
      partner: { id: p, name: P, contact: c }
      sender: { name: S, contact: c }
      profile: \(profile)
      language: { source: zh-Hans, deliver: [en] }
      licence: CC0-1.0
      titles:
        - id: A
          field: f
          name: { zh-Hans: 一, en: One }
          source: a.mp4
          subtitles: { en: a.srt }
          tolerate: [broken-parts, early-end]
      """
    }
    func document(_ profile: String) throws -> Document {
      try Document.reading(bytes: Array(job(profile).utf8), file: "jobs/a.yaml")
    }
    var asked: [String] = []
    let read = try JobReader.read(try document("../profiles/campus.yaml")) { (path) throws(Diagnostics) in
      asked.append(path)
      var profile = Profile.web
      profile.name = "campus"
      return profile
    }
    #expect(asked == ["profiles/campus.yaml"])
    #expect(read.profile.name == "campus")
    #expect(read.titles[0].tolerances == [.brokenParts, .earlyEnd])
    do { _ = try JobReader.read(try document("wob")) } catch let problems as Diagnostics {
      #expect(problems.all.map(\.message) == ["there is no profile 'wob'"])
    }
  }
}
