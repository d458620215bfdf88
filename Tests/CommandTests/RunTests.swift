import Foundation
import Testing

/// `ferry run` on real titles: what it publishes, what it refuses and what it leaves behind.
@Suite(.serialized)
struct RunTests {
  @Test func publishesAPackageThatToolsOfOthersAccept() throws {
    let place = try Place()
    let lessons = Fixture.folder + "/lessons/"
    let job = try place.job([
      title(
        "EPI-001", source: lessons + "EPI-001.mp4", english: lessons + "EPI-001.en.srt",
        more: "zh-Hans: { file: \(lessons)EPI-001.zh.srt, encoding: gb18030 }"),
      title(
        "HE-002", source: lessons + "HE-002.avi", english: lessons + "HE-002.en.srt",
        more: "zh-Hans: \(lessons)HE-002.zh.srt"),
      title("SCH-004", source: Fixture.surround, english: Fixture.surroundEnglish),
      title("VOC-004", source: Fixture.silent, english: Fixture.silentEnglish),
    ])
    let run = try ferry("run", job, "--home", place.home, "--out", place.out)
    #expect(run.code == 0, "\(run.errors)")
    let package = place.out + "/TEST-1/TEST-1_v1"
    #expect(run.output == package + "\n")

    let verdict = try judge("package.py", package)
    #expect(verdict.code == 0, "\(verdict.output)\(verdict.errors)")
    let browser = try judge("browser.py", package, "EPI-001")
    #expect(browser.code == 0, "\(browser.output)\(browser.errors)")
    let preview = try judge("preview.py", package)
    #expect(preview.code == 0, "\(preview.output)\(preview.errors)")
    let crate = try judge("crate.py", package)
    #expect(crate.code == 0, "\(crate.output)\(crate.errors)")

    try secondRunEncodesNothing(job, place, package)
    try verifyFindsDamage(package)
  }

  private func secondRunEncodesNothing(_ job: String, _ place: Place, _ package: String) throws {
    let again = try ferry("run", job, "--home", place.home, "--out", place.out)
    #expect(again.code == 0)
    #expect(again.output == package + "\n")
    #expect(again.errors.contains("unchanged"))
    let elsewhere = try ferry("run", job, "--home", place.home, "--out", place.path + "/other", "--json")
    #expect(elsewhere.code == 0, "\(elsewhere.errors)")
    #expect(!elsewhere.output.contains("\"encoded\":true"))
    let first = try Place.files(below: package + "/data")
    let second = try Place.files(below: place.path + "/other/TEST-1/TEST-1_v1/data")
    #expect(first == second)
    let plan = try ferry("plan", job, "--home", place.home)
    #expect(plan.code == 0)
    #expect(plan.output.contains("skip transcode: unchanged: skipped"))
  }

  private func verifyFindsDamage(_ package: String) throws {
    #expect(try ferry("verify", package).code == 0)
    let lesson = package + "/data/lessons/VOC-004/"
    let text = lesson + "VOC-004.en.srt"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: text))
    try FileManager.default.removeItem(atPath: text)
    let incomplete = try ferry("verify", package)
    #expect(incomplete.code == 2)
    #expect(incomplete.errors.contains("data/lessons/VOC-004/VOC-004.en.srt: error: it is listed, but not there"))
    try (bytes + Data("x".utf8)).write(to: URL(fileURLWithPath: text))
    let changed = try ferry("verify", package)
    #expect(changed.code == 1)
    #expect(changed.errors.contains("data/lessons/VOC-004/VOC-004.en.srt: error: it was changed or damaged"))
    try bytes.write(to: URL(fileURLWithPath: text))
    try verifySeesThroughAForgedBag(package)
  }

  /// A package whose digests are all right, since they were made anew, and whose content is wrong.
  private func verifySeesThroughAForgedBag(_ package: String) throws {
    let lesson = "data/lessons/EPI-001/"
    func change(_ name: String, _ change: (String) -> String) throws {
      try forge(package, name) { Data(change(String(decoding: $0, as: UTF8.self)).utf8) }
    }
    try change(lesson + "hls/720p.m3u8") { $0.replacing("#EXT-X-BYTERANGE:", with: "#EXT-X-BYTERANGE:1") }
    try change(lesson + "EPI-001.en.vtt") { $0.replacing("mask", with: "cask") }
    try change("data/catalogue.csv") { $0.replacing("EPI-001,school-education", with: "EPI-001,vocational") }
    try change("data/ro-crate-metadata.json") {
      $0.replacing("\"encodingFormat\": \"image/jpeg\"", with: "\"encodingFormat\": \"image/png\"")
    }
    let forged = try ferry("verify", package)
    #expect(forged.code == 1)
    #expect(forged.errors.contains("data/catalogue.csv:2:"))
    #expect(forged.errors.contains("'field' of EPI-001 is 'vocational', the delivery manifest says"))
    #expect(forged.errors.contains("'lessons/EPI-001/EPI-001.jpg': 'encodingFormat' is \"image/png\", the delivery"))
    #expect(!forged.errors.contains("it was changed or damaged"), "the bag itself is sound: \(forged.errors)")
    #expect(forged.errors.contains("hls/720p.m3u8:"))
    #expect(forged.errors.contains("EPI-001.mp4: error: its en text differs from data/lessons/EPI-001/EPI-001.en.vtt"))
    #expect(forged.errors.contains("its SHA-512 in the delivery manifest is not the one in manifest-sha512.txt"))
  }

  @Test func makesTheSameBytesTwice() throws {
    let place = try Place()
    let job = try place.job([
      title("A", source: Fixture.silent, english: Fixture.silentEnglish),
      title("B", source: Fixture.surround, english: Fixture.surroundEnglish),
    ])
    for folder in ["one", "two"] {
      let run = try ferry("run", job, "--home", place.path + "/home-" + folder, "--out", place.path + "/" + folder)
      #expect(run.code == 0, "\(run.errors)")
    }
    let one = try Place.files(below: place.path + "/one/TEST-1/TEST-1_v1")
    let two = try Place.files(below: place.path + "/two/TEST-1/TEST-1_v1")
    #expect(one.count > 30)
    #expect(one == two)
  }

  /// Each bad source: what is said of it, in one error.
  @Test(
    arguments: [
      ("missing.mp4", "does not exist"),
      ("empty.mp4", "is empty"),
      ("text-named.mp4", "is no MP4 file"),
      ("playlist-named.mp4", "is not a video file of a kind that ferry opens"),
      ("cut-in-half.mp4", "is cut short"),
      ("cut-in-half.mkv", "of the"),
    ])
  func aBadSourceStopsItselfOnly(_ name: String, _ words: String) throws {
    let place = try Place()
    let bad = Fixture.odd(name)
    let job = try place.job(
      [
        title("BAD", source: bad, english: Fixture.silentEnglish),
        title(
          "GOOD", source: Fixture.silent, english: Fixture.silentEnglish.replacing("VOC-004.en", with: "VOC-004.en")),
      ].enumerated().map { index, text in
        // One subtitle file may serve one track only.
        index == 0 ? text.replacing(Fixture.silentEnglish, with: Fixture.surroundEnglish) : text
      })
    let run = try ferry("run", job, "--home", place.home, "--out", place.out)
    #expect(run.code == 1)
    let errors = run.errors.split(separator: "\n").filter { $0.contains(": error: ") }
    #expect(errors.count == 1, "\(run.errors)")
    #expect(errors.first?.contains(words) == true, "\(run.errors)")
    #expect(errors.first?.contains("job.yaml:") == true, "an error names the place in the job: \(run.errors)")
    #expect(run.errors.contains("GOOD: done"))
    #expect(try Place.files(below: place.out).isEmpty, "nothing is published, nothing half-made is left")

    let partial = try ferry("run", job, "--home", place.home, "--out", place.out, "--partial", "--json")
    #expect(partial.code == 1)
    let encodedAgain = partial.output.split(separator: "\n").contains { line in
      line.contains("\"encoded\":true") && line.contains("\"title\":\"GOOD\"")
    }
    #expect(!encodedAgain, "the good title is not encoded again")
    let manifest = try String(
      contentsOfFile: place.out + "/TEST-1/TEST-1_v1/ferry-delivery.json", encoding: .utf8)
    #expect(manifest.contains("\"id\" : \"BAD\",\n      \"reason\" : \"failed\""))
    #expect(try ferry("verify", place.out + "/TEST-1/TEST-1_v1").code == 0)
  }

  @Test func aSubtitleInTheWrongEncodingStopsItsTitleOnly() throws {
    let place = try Place()
    let broken = place.path + "/broken.srt"
    // GB18030 that claims to be UTF-8.
    var bytes = Data([0xEF, 0xBB, 0xBF]) + Data("1\n00:00:00,000 --> 00:00:02,000\n".utf8)
    bytes += Data([0xC4, 0xE3, 0xBA, 0xC3, 0x0A])
    try bytes.write(to: URL(fileURLWithPath: broken))
    let job = try place.job([
      title("BAD", source: Fixture.surround, english: broken),
      title("GOOD", source: Fixture.silent, english: Fixture.silentEnglish),
    ])
    let run = try ferry("run", job, "--home", place.home, "--out", place.out)
    #expect(run.code == 1)
    #expect(run.errors.contains("\(broken):3"), "the error names file and line: \(run.errors)")
    #expect(run.errors.contains("GOOD: done"))
  }

  @Test func aTitleThatWaitsForItsTranslationIsNoFailure() throws {
    let place = try Place()
    let job = try place.job([
      title("LATER", source: Fixture.surround, english: "{ file: later.srt, due: 2030-01-31, translator: Desk A }"),
      title("GOOD", source: Fixture.silent, english: Fixture.silentEnglish),
    ])
    let run = try ferry("run", job, "--home", place.home, "--out", place.out)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("LATER: waits for en"))
    #expect(try Place.files(below: place.out).isEmpty)
    let plan = try ferry("plan", job, "--home", place.home)
    #expect(plan.output.contains("waits for en from Desk A, due 2030-01-31"))
  }

  @Test func leavesAFolderAloneThatIsNotItsOwn() throws {
    let place = try Place()
    let taken = place.out + "/TEST-1/TEST-1_v1"
    try FileManager.default.createDirectory(atPath: taken, withIntermediateDirectories: true)
    try "mine".write(toFile: taken + "/notes.txt", atomically: true, encoding: .utf8)
    let job = try place.job([title("A", source: Fixture.silent, english: Fixture.silentEnglish)])
    let run = try ferry("run", job, "--home", place.home, "--out", place.out)
    #expect(run.code == 65)
    #expect(run.errors.contains("exists and was not made by ferry"))
    #expect(try Place.files(below: place.out).keys.sorted() == ["TEST-1/TEST-1_v1/notes.txt"])
  }

  @Test func otherContentIsTheNextVersion() throws {
    let place = try Place()
    let job = try place.job([title("A", source: Fixture.silent, english: Fixture.silentEnglish)])
    #expect(try ferry("run", job, "--home", place.home, "--out", place.out).code == 0)
    let before = try Place.files(below: place.out)
    let other = try place.job([title("B", source: Fixture.silent, english: Fixture.silentEnglish)])
    let run = try ferry("run", other, "--home", place.home, "--out", place.out)
    #expect(run.code == 0, "\(run.errors)")
    let after = try Place.files(below: place.out)
    #expect(after.filter { $0.key.hasPrefix("TEST-1/TEST-1_v1/") } == before)
    let manifest = try String(
      contentsOfFile: place.out + "/TEST-1/TEST-1_v2/ferry-delivery.json", encoding: .utf8)
    #expect(manifest.contains("data/lessons/A/A.mp4"), "what is gone is named")
    #expect(try ferry("verify", place.out + "/TEST-1/TEST-1_v2").code == 0)
    let again = try ferry("run", other, "--home", place.home, "--out", place.out)
    #expect(again.errors.contains("unchanged"))
    let text = try String(contentsOfFile: other, encoding: .utf8).replacing("id: partner", with: "id: somebody")
    let strange = try ferry("run", place.write(text, "job.yaml"), "--home", place.home, "--out", place.out)
    #expect(strange.code == 65)
    #expect(strange.errors.contains("is published already, for another partner: Partner"), "\(strange.errors)")
    #expect(try Place.files(below: place.out) == after)
  }

  @Test func theSameIncompletePackageIsPublishedOnce() throws {
    let place = try Place()
    let job = try place.job([
      title("A", source: Fixture.silent, english: Fixture.silentEnglish),
      title("B", source: Fixture.surround, english: place.path + "/later.srt"),
    ])
    func run() throws -> Finished { try ferry("run", job, "--home", place.home, "--out", place.out, "--partial") }
    let first = try run()
    #expect(first.code == 1, "\(first.errors)")
    #expect(try run().errors.contains("unchanged"))
    func versions() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: place.out + "/TEST-1").sorted()
    }
    #expect(try versions() == ["TEST-1_v1"])
    _ = try place.write(String(contentsOfFile: Fixture.surroundEnglish, encoding: .utf8), "later.srt")
    let whole = try run()
    #expect(whole.code == 0, "\(whole.errors)")
    #expect(try versions() == ["TEST-1_v1", "TEST-1_v2"])
  }

  @Test func aSecondRunEndsAtOnce() throws {
    let place = try Place()
    try FileManager.default.createDirectory(atPath: place.home, withIntermediateDirectories: true)
    let descriptor = open(place.home + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    let job = try place.job([title("A", source: Fixture.silent, english: Fixture.silentEnglish)])
    let run = try ferry("run", job, "--home", place.home, "--out", place.out)
    #expect(run.code == 75)
    #expect(run.errors.contains("another run is at work"))
    #expect(!FileManager.default.fileExists(atPath: place.out))
  }

  @Test func aFullDiskIsSaidAndLeavesNothing() throws {
    let place = try Place()
    let job = try place.job([title("A", source: Fixture.silent, english: Fixture.silentEnglish)])
    let small = place.path + "/small"
    try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: true)
    let binary = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    let command =
      "mount -t tmpfs -o size=2m none \(small) && exec \(binary)/ferry run \(job) --home \(small)/home --out \(small)/out"
    let run = try runProgram("/usr/bin/unshare", ["-rm", "sh", "-c", command])
    #expect(run.code == 74, "\(run.errors)")
    #expect(run.errors.contains("not enough space in \(small)"))
  }

  @Test func aDiskThatFillsWhileEncodingIsSaid() throws {
    let place = try Place()
    let small = place.path + "/small"
    try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: true)
    let rule = #"{"longerThan":2000,"threshold":0.1,"severity":"off"}"#
    let checks = """
      {"black":\(rule),"frozen":\(rule),"silent":\(rule),"clipped":\(rule),"fieldOrder":"off","pictureSize":"off"}
      """
    let order = try place.write(
      """
      {"title":"A","name":{"en":"A"},"source":"\(Fixture.surround)","sourceDigest":"","sourceLanguage":"zh-Hans",
       "recipe":{"video":{"sourceStream":0,"rotation":0,"isMirrored":false,"scan":"progressive","frameRate":"25","isCopied":false,
        "keyFrameInterval":50,"segmentLength":100,"colour":{"primaries":"bt709","transfer":"bt709","matrix":"bt709","isFullRange":false},
        "renditions":[{"codec":"h264","width":1280,"height":720,"rateFactor":5,"maximumRate":60000000,
        "bufferSize":60000000,"preset":"ultrafast","encoderThreads":1}]},"stills":{"poster":false,"thumbnails":false},
        "checks":\(checks),"tolerances":[]},"outputs":["hls"],"text":{"files":["vtt"],"stpp":false},"tracks":[],"isPreparation":false,"folder":"\(small)/attempt"}
      """.replacing("\n", with: " ") + "\n", "order.json")
    let binary = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    let command =
      "mount -t tmpfs -o size=300k none \(small) && mkdir \(small)/attempt && exec \(binary)/ferry work < \(order)"
    let run = try runProgram("/usr/bin/unshare", ["-rm", "sh", "-c", command])
    #expect(run.code == 1)
    #expect(run.output.contains("disk.full"), "\(run.output)\(run.errors)")
    #expect(run.output.contains(#""cause":"noSpace""#), "it is told from a fault of the title: \(run.output)")
  }

  @Test func sweepsWhatAKilledRunLeft() throws {
    let place = try Place()
    let job = try place.job([title("A", source: Fixture.silent, english: Fixture.silentEnglish)])
    let token = UUID().uuidString
    let scratch = place.out + "/TEST-1/.TEST-1_v1.\(token)"
    try FileManager.default.createDirectory(atPath: scratch + "/data", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: place.home + "/scratch", withIntermediateDirectories: true)
    try scratch.write(toFile: place.home + "/scratch/" + token, atomically: true, encoding: .utf8)
    #expect(try ferry("run", job, "--home", place.home, "--out", place.out).code == 0)
    #expect(!FileManager.default.fileExists(atPath: scratch))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.out + "/TEST-1") == ["TEST-1_v1"])
  }
}
