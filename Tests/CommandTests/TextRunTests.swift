import Foundation
import Testing

/// A job that uses all that a job can say about text, run to a package.
struct TextRunTests {
  private let lessons = Fixture.folder + "/lessons/"

  private static let english = """
    1
    00:00:00,400 --> 00:00:01,400
    Wash your hands before you put on a mask.

    2
    00:00:03,444 --> 00:00:07,120
    The <i>mask</i> must cover your mouth,
    your nose and your chin.

    3
    00:00:07,420 --> 00:00:11,270
    Press the nose clip
    so that the mask fits your face.

    4
    00:00:11,570 --> 00:00:15,342
    Change the mask when it is damp or dirty.

    """

  private func job(in place: Place) throws -> String {
    _ = try place.write(
      """
      ferry-profile: 1
      name: all-text
      extends: web
      text: { files: [vtt, srt, ttml, ass, txt], stpp: yes }
      video:
        ladder:
          - { lines: 90, quality: 30, max-rate: 200k, buffer: 400k, preset: ultrafast }
      """, "all-text.yaml")
    _ = try place.write("term,translation,rule\n口罩,mask,must\n", "terms.csv")
    let fast = try place.write(
      "1\n00:00:00,400 --> 00:00:01,400\nThis is very much text for a single second, I say.\n", "fast.en.srt")
    let job = try place.job([
      title(
        "A", source: lessons + "EPI-001.mp4", english: try place.write(TextRunTests.english, "a.en.srt"),
        more: "zh-Hans: \(lessons)EPI-001.zh.srt")
        + "\nwaive: [{ rule: read.cps, reason: agreed with the partner }]",
      title("B", source: lessons + "VOC-004.mkv", english: fast),
      title("C", source: Fixture.odd("chapters-and-text.mkv"), english: "{ stream: 2 }"),
    ])
    try String(contentsOfFile: job, encoding: .utf8)
      .replacing("profile: web\n", with: "profile: all-text.yaml\nglossary: terms.csv\ntext-rules: { en: ted }\n")
      .write(toFile: job, atomically: true, encoding: .utf8)
    return job
  }

  @Test func everyKindOfTextIsDeliveredAndProven() throws {
    let place = try Place()
    let job = try job(in: place)
    let whole = try ferry("run", job, "--home", place.home, "--out", place.out)
    #expect(whole.code == 1)
    #expect(whole.errors.contains("for a single sec…' [read.cps]"), "an error that nobody waives holds its title")
    #expect(whole.errors.contains("not published, 1 title failed of 3"))
    let partial = try ferry("run", job, "--home", place.home, "--out", place.out, "--partial")
    #expect(partial.code == 1 && partial.errors.contains("published"), "\(partial.errors)")
    let package = place.out + "/TEST-1/TEST-1_v1"
    try expectManifest(package)
    let verdict = try judge("package.py", package)
    #expect(verdict.code == 0, "\(verdict.output)\(verdict.errors)")
    let dash = try String(contentsOfFile: package + "/data/lessons/A/A.mpd", encoding: .utf8)
    #expect(dash.components(separatedBy: "contentType=\"text\" mimeType=\"text/vtt\"").count == 3)
    #expect(dash.components(separatedBy: "contentType=\"text\" mimeType=\"application/mp4\"").count == 3)
    #expect(dash.components(separatedBy: "codecs=\"stpp.ttml.im1t\"").count == 3)
    #expect(try ferry("verify", package).code == 0)
    try expectDamageIsFound(package)
  }

  private func expectManifest(_ package: String) throws {
    struct Manifest: Decodable {
      struct Text: Decodable {
        struct Waived: Decodable, Equatable {
          var rule: String
          var reason: String
          var count: Int
        }

        var language: String
        var rules: String
        var waived: [Waived]
      }

      struct Lesson: Decodable {
        var id: String
        var text: [Text]
      }

      struct Missing: Decodable { var id: String }

      var lessons: [Lesson]
      var missing: [Missing]
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: package + "/ferry-delivery.json"))
    let manifest = try JSONDecoder().decode(Manifest.self, from: data)
    #expect(manifest.lessons.map(\.id) == ["A", "C"] && manifest.missing.map(\.id) == ["B"])
    let english = try #require(manifest.lessons[0].text.first { $0.language == "en" })
    #expect(english.rules == "ted")
    #expect(
      english.waived == [Manifest.Text.Waived(rule: "read.cps", reason: "agreed with the partner", count: 1)])
  }

  private func expectDamageIsFound(_ package: String) throws {
    let lesson = "data/lessons/A/"
    for name in ["A.en.ttml", "A.en.ass", "hls/text.en.mp4"] {
      let file = URL(fileURLWithPath: package + "/" + lesson + name)
      let bytes = try Data(contentsOf: file)
      var changed = bytes
      changed[changed.count - 100] ^= 1
      try changed.write(to: file)
      let found = try ferry("verify", package)
      #expect(found.code == 1 && found.errors.contains("\(lesson)\(name): error: it was changed or damaged"))
      try bytes.write(to: file)
    }
    // Digests made anew hide nothing: what the files say is compared too.
    try forge(package, lesson + "A.en.vtt") { replaced("mouth", by: "south", in: $0) }
    try forge(package, lesson + "hls/en.vtt") { replaced("MPEGTS:0,", by: "MPEGTS:9,", in: $0) }
    let forged = try ferry("verify", package)
    #expect(forged.code == 1 && !forged.errors.contains("it was changed or damaged"), "\(forged.errors)")
    #expect(
      forged.errors.contains("text.en.mp4: error: its text differs from data/lessons/A/A.en.vtt: first at 3444 ms"))
    #expect(
      forged.errors.contains(
        "hls/en.vtt:2: error: its cues do not count from the first presentation of data/lessons/A/hls/90p.mp4: "
          + "'X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000' is not there"), "\(forged.errors)")
  }

  private func replaced(_ word: String, by other: String, in data: Data) -> Data {
    var data = data
    if let range = data.range(of: Data(word.utf8)) { data.replaceSubrange(range, with: Data(other.utf8)) }
    return data
  }

  @Test func anArchiveHasItsTracksAndItsScript() throws {
    let place = try Place()
    let job = try place.job([
      title(
        "A", source: lessons + "EPI-001.mp4", english: lessons + "EPI-001.en.srt",
        more: "zh-Hans: \(lessons)EPI-001.zh.srt")
    ])
    _ = try place.write(
      """
      ferry-profile: 1
      name: keep
      extends: archive
      video:
        ladder:
          - { lines: 90, quality: 30, max-rate: 200k, buffer: 400k, preset: ultrafast }
      """, "keep.yaml")
    try String(contentsOfFile: job, encoding: .utf8).replacing("profile: web\n", with: "profile: keep.yaml\n")
      .write(toFile: job, atomically: true, encoding: .utf8)
    let run = try ferry("run", job, "--home", place.home, "--out", place.out)
    #expect(run.code == 0, "\(run.errors)")
    let lesson = place.out + "/TEST-1/TEST-1_v1/data/lessons/A/"
    let streams = try runProgram(
      "/usr/bin/ffprobe",
      [
        "-v", "error", "-select_streams", "s", "-show_entries", "stream=codec_name:stream_tags=language", "-of",
        "csv=p=0", lesson + "A.mkv",
      ]
    )
    #expect(streams.output == "subrip,eng\nsubrip,zho\n")
    let again = try ferry(
      "subtitles", "convert", lesson + "A.mkv", "--stream", "2", "--language", "en", "-o", place.path + "/back.srt")
    #expect(again.code == 0, "\(again.errors)")
    #expect(
      try String(contentsOfFile: place.path + "/back.srt", encoding: .utf8)
        == String(contentsOfFile: lesson + "A.en.srt", encoding: .utf8))
    #expect(FileManager.default.fileExists(atPath: lesson + "A.en.ass"))
  }
}
