import Foundation
import Testing

/// What translators meet: `ferry subtitles check` and `convert`, and `ferry new`.
struct SubtitlesTests {
  private let lessons = Fixture.folder + "/lessons/"
  private let real = Fixture.folder + "/real/"

  private static let bad = """
    1
    00:00:00,400 --> 00:00:00,900
    Wash your hands 你好 now.

    2
    00:00:05,000 --> 00:00:04,000
    wrong

    """

  @Test func checkTellsATableBySeverity() throws {
    let place = try Place()
    let file = try place.write(SubtitlesTests.bad, "bad.en.srt")
    let check = try ferry("subtitles", "check", file)
    #expect(check.code == 65)
    #expect(
      check.output.replacing(place.path + "/", with: "") == """
        bad.en.srt: en, rules iite-en; SubRip, utf-8 (every byte sequence is valid), 2 cues
          ERRORS, which hold the title
            line 6:18             time.negative   the cue does not end after it starts
                                                  → correct the end time
            line 2  00:00:00.400  lang.han_in_en  the cue of the 'en' track has Chinese characters
                                                  “Wash your hands 你好 now.”
                                                  → translate what is left; a Chinese word that is meant goes in 「」 \
        or in the glossary
            line 2  00:00:00.400  read.cps        the cue has 46 characters per second, more than 21 \
        (23 in 500 ms; each visible character is 1)
                                                  “Wash your hands 你好 now.”
                                                  → shorten the text, or show it longer
            line 2  00:00:00.400  time.min        the cue stays for 500 ms, less than 833
                                                  “Wash your hands 你好 now.”
                                                  → end it later, or join it with a neighbour
          WARNINGS
            file  read.avg  the track has 46 characters per second on average, more than 80 % of 21 \
        (each visible character is 1)
                            → the reader gets no rest: shorten where it can be done
          4 errors, 1 warning

        """)
    let json = try ferry("subtitles", "check", "--json", file)
    #expect(json.code == 65)
    let answers = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    let findings = try #require(answers.first?["findings"] as? [[String: Any]])
    #expect(findings.map { $0["rule"] as? String } == ["read.avg", "lang.han_in_en", "read.cps", "time.min"])
    for key in ["rule", "severity", "profile", "file", "line", "cue", "measure", "message", "hint", "source"] {
      #expect(findings[2][key] != nil, "\(key)")
    }
  }

  @Test func checkComparesWithTheSourceAndTheVideo() throws {
    let good = try ferry(
      "subtitles", "check", lessons + "EPI-001.en.srt", "--against", lessons + "EPI-001.zh.srt", "--video",
      lessons + "EPI-001.mp4")
    #expect(good.code == 0, "\(good.output)")
    let place = try Place()
    let terms = try place.write("term,translation,rule\n口罩,face covering,must\n", "terms.csv")
    let wrong = try ferry(
      "subtitles", "check", lessons + "EPI-001.en.srt", "--against", lessons + "EPI-001.zh.srt", "--video",
      lessons + "SCH-004.mp4", "--glossary", terms, "--quiet")
    #expect(wrong.code == 65)
    #expect(wrong.output.contains("time.pastend") && wrong.output.contains("before the cue starts"))
    #expect(wrong.output.contains("tr.glossary"), "\(wrong.output)")
    #expect(!wrong.output.contains("WARNINGS"))
  }

  @Test(arguments: [
    (["--profile", "iite-e"], 64, "--profile: there are no rules 'iite-e'; did you mean iite-en?"),
    (["--profile", "none"], 64, "there are iite-en, zh-course, netflix-en, netflix-zh, ted, dcmp"),
    (["--encoding", "utf9"], 64, "--encoding: ferry does not read 'utf9'; it reads utf-8, utf-16le"),
    (["--language", "english"], 64, "--language: 'english' is no language tag; write one such as en or zh-Hans"),
    (["--stream", "2", "--encoding", "gb18030"], 64, "leave it out with --stream"),
    (
      ["--video", "nowhere.mp4"], 65, "nowhere.mp4: error: the video does not exist\n  hint: check its name and folder"
    ),
    (["--glossary", "nowhere.csv"], 65, "nowhere.csv: error: the glossary does not exist"),
    (["--against", "nowhere.zh.srt"], 65, "nowhere.zh.srt: error: the subtitle file does not exist"),
  ])
  func checkSaysWhatIsWrongWithItsOptions(_ options: [String], _ code: Int, _ words: String) throws {
    let check = try runProgram(ferryPath, ["subtitles", "check", lessons + "EPI-001.en.srt"] + options)
    #expect(check.code == code && check.errors.contains(words), "\(check.errors)")
  }

  @Test func checkAsksForALanguageThatNobodyNames() throws {
    let place = try Place()
    let check = try ferry("subtitles", "check", try place.write("1\n00:00:01,000 --> 00:00:02,000\n7\n", "a.srt"))
    #expect(check.code == 64 && check.errors.contains("add --language en, or name it like lesson01.en.srt"))
  }

  /// Every format to every other, and back to the first: hundredths of a second are all that is lost, in one of them.
  @Test func convertsBetweenAllFormats() throws {
    let place = try Place()
    let formats = ["srt", "vtt", "ass", "ttml"]
    for from in formats {
      let first = place.path + "/first.en." + from
      let begun = try ferry("subtitles", "convert", lessons + "AI-001.en.srt", "-o", first)
      #expect(begun.code == 0 && begun.output == first + "\n", "\(begun.errors)")
      #expect(begun.errors.contains("counts in hundredths of a second") == (from == "ass"))
      for to in formats + ["txt"] {
        let second = place.path + "/\(from)-\(to).en.\(to)"
        let turned = try ferry("subtitles", "convert", first, "--to", to, "--output", second)
        #expect(turned.code == 0, "\(from) to \(to): \(turned.errors)")
        guard to != "txt", from != "ass", to != "ass" else { continue }
        let third = place.path + "/\(from)-\(to)-back.en.srt"
        #expect(try ferry("subtitles", "convert", second, "-o", third, "--quiet").code == 0)
        let plain = try ferry(
          "subtitles", "convert", lessons + "AI-001.en.srt", "-o", place.path + "/\(from)\(to).en.srt")
        #expect(plain.code == 0)
        #expect(try same(third, place.path + "/\(from)\(to).en.srt"), "\(from) to \(to)")
      }
    }
    #expect(try judge("ebuttd.py", place.path + "/srt-ttml.en.ttml").code == 0)
    let again = try ferry("subtitles", "convert", lessons + "AI-001.en.srt", "-o", place.path + "/first.en.vtt")
    #expect(again.code == 65)
    #expect(
      again.errors.hasSuffix(
        "error: the file exists already, and is not written over\n  hint: name another one with --output\n"))
  }

  private func same(_ one: String, _ other: String) throws -> Bool {
    try String(contentsOfFile: one, encoding: .utf8) == String(contentsOfFile: other, encoding: .utf8)
  }

  @Test func convertFixesAndTellsEachChange() throws {
    let place = try Place()
    let file = try place.write(
      """
      1
      00:00:05,000 --> 00:00:07,000
       second  line ...

      2
      00:00:01,000 --> 00:00:05,050
      first line

      2
      00:00:01,000 --> 00:00:05,050
      first line

      """, "fix.en.srt")
    let fixed = try ferry("subtitles", "convert", file, "--fix", "-o", place.path + "/fixed.en.srt")
    #expect(fixed.code == 0)
    #expect(
      fixed.errors.replacing(place.path + "/", with: "") == """
        fix.en.srt:10: time.duplicate: “first line” → left out
        fix.en.srt:6: time.order: “cue 2” → “cue 1”
        fix.en.srt:2: text.space: “ second  line ...” → “second line ...”
        fix.en.srt:2: text.ellipsis: “second line ...” → “second line …”
        fix.en.srt:6: time.overlap: “00:00:01.000 --> 00:00:05.050” → “00:00:01.000 --> 00:00:04.917”
        fix.en.srt:6: fmt.repaired: “2” → “1”
        fix.en.srt:2: fmt.repaired: “1” → “2”
        2 cues, read as utf-8, 7 changes

        """)
    #expect(
      try String(contentsOfFile: place.path + "/fixed.en.srt", encoding: .utf8) == """
        1
        00:00:01,000 --> 00:00:04,917
        first line

        2
        00:00:05,000 --> 00:00:07,000
        second line …


        """)
  }

  @Test func convertRepairsWhatWasDecodedWrongly() throws {
    let place = try Place()
    let text = "1\n00:00:01,000 --> 00:00:03,000\n大家好，欢迎来到开放大学的课堂。\n\n"
    let damaged = String(text.utf8.map { Character(Unicode.Scalar($0)) })
    let file = try place.write(damaged, "moji.zh.srt")
    let refused = try ferry("subtitles", "convert", file, "--to", "vtt")
    #expect(refused.code == 65 && refused.errors.contains("'ferry subtitles convert --repair' restores it exactly"))
    let repaired = try ferry("subtitles", "convert", file, "--repair", "-o", place.path + "/good.zh.srt")
    #expect(
      repaired.code == 0 && repaired.errors.contains("1 line of utf-8 read as windows-1252 restored"),
      "\(repaired.errors)")
    #expect(try String(contentsOfFile: place.path + "/good.zh.srt", encoding: .utf8) == text)
  }

  @Test func convertTakesTracksOutOfVideos() throws {
    let place = try Place()
    let matroska = try ferry(
      "subtitles", "convert", real + "codec-embedded-srt.mkv", "--stream", "2", "--language", "en", "-o",
      place.path + "/a.vtt")
    #expect(matroska.code == 0, "\(matroska.errors)")
    #expect(
      try String(contentsOfFile: place.path + "/a.vtt", encoding: .utf8)
        == "WEBVTT\n\n00:00:00.000 --> 00:00:01.234\nThis is the first subtitle.\n")
    let mp4 = try ferry(
      "subtitles", "convert", real + "codec-mov_text-av.mp4", "--stream", "2", "--language", "en", "-o",
      place.path + "/b.srt")
    #expect(mp4.code == 0 && mp4.errors == "2 cues, read as utf-8\n", "\(mp4.errors)")
    let script = try ferry(
      "subtitles", "convert", real + "codec-embedded-ass.mkv", "--stream", "2", "--language", "en", "-o",
      place.path + "/c.ttml")
    #expect(script.code == 0, "\(script.errors)")
  }

  @Test(arguments: [
    ("codec-embedded-pgs.mkv", "2", "its stream 2 holds pictures of text (hdmv_pgs_subtitle): give the text as a file"),
    ("codec-embedded-vobsub.mkv", "2", "its stream 2 holds pictures of text (dvd_subtitle): give the text as a file"),
    ("codec-embedded-srt.mkv", "0", "its stream 0 is no text but"),
    ("codec-embedded-srt.mkv", "9", "there is no stream 9 in it"),
  ])
  func convertRefusesWhatIsNoText(_ name: String, _ stream: String, _ words: String) throws {
    let place = try Place()
    let run = try ferry(
      "subtitles", "convert", real + name, "--stream", stream, "--language", "en", "-o", place.path + "/a.srt")
    #expect(run.code == 65 && run.errors.contains(words), "\(run.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
  }

  @Test func convertSaysWhereItCannotWrite() throws {
    let place = try Place()
    func convert(_ more: String...) throws -> Finished {
      try runProgram(ferryPath, ["subtitles", "convert", lessons + "EPI-001.en.srt"] + more)
    }
    #expect(try convert().errors.contains("say what to write: --to vtt, or --output lesson01.en.vtt"))
    #expect(
      try convert("-o", place.path + "/a.xyz").errors.contains("'xyz' is no format; write vtt, srt, ass, ttml, txt"))
    let nowhere = try convert("-o", place.path + "/none/a.vtt")
    #expect(nowhere.code == 65 && nowhere.errors.contains("the folder \(place.path)/none does not exist"))
    let video = try runProgram(
      ferryPath, ["subtitles", "convert", real + "codec-mov_text-av.mp4", "--language", "en", "--to", "srt"])
    #expect(video.code == 65 && video.errors.contains("to take one of its text tracks, name the stream"))
  }

  /// As many as a year of lessons has: an answer, not a crash.
  @Test func aMillionCuesAreRead() throws {
    let place = try Place()
    let cue = "1\n00:00:01,000 --> 00:00:02,000\na\n\n"
    let file = try place.write(String(repeating: cue, count: 1_000_000), "million.en.srt")
    let converted = try ferry("subtitles", "convert", file, "--to", "txt")
    #expect(converted.code == 0 && converted.errors == "1000000 cues, read as utf-8\n", "\(converted.errors)")
  }

  @Test func aFolderBecomesAJobThatIsRight() throws {
    let place = try Place()
    try FileManager.default.createDirectory(atPath: place.path + "/spring/职业", withIntermediateDirectories: true)
    func copy(_ name: String, _ to: String) throws {
      try FileManager.default.copyItem(atPath: lessons + name, toPath: place.path + "/spring/" + to)
    }
    try copy("EPI-001.mp4", "lesson01.mp4")
    try copy("EPI-001.zh.srt", "lesson01.chs.srt")
    try copy("EPI-001.en.srt", "lesson01.en.srt")
    try copy("EPI-001.en.srt", "orphan.en.srt")
    try copy("VOC-004.mkv", "职业/第二课 焊接.mkv")
    try copy("VOC-004.en.srt", "职业/第二课 焊接_英文字幕.srt")
    try copy("SCH-004.mp4", "lesson03.mp4")
    try copy("SCH-004.en.srt", "lesson03.srt")
    try copy("SCH-004.en.srt", "lesson03.中英.srt")
    let job = place.path + "/spring.yaml"
    let made = try ferry("new", place.path + "/spring", "-o", job)
    #expect(made.code == 0 && made.output == job + "\n", "\(made.errors)")
    #expect(
      made.errors == """
        3 titles:
          lesson01.mp4          en: lesson01.en.srt  zh-Hans: lesson01.chs.srt
          lesson03.mp4          en: lesson03.srt
          职业/第二课 焊接.mkv  en: 职业/第二课 焊接_英文字幕.srt
        without a video: orphan.en.srt
        to decide:
          lesson03.srt names no language; its text looks like en
          lesson03.中英.srt holds two languages: split it into one file for each

        """)
    let check = try ferry("check", job)
    #expect(check.code == 0 && check.output.contains("3 titles: 0 errors"), "\(check.errors)")
    let again = try ferry("new", place.path + "/spring", "-o", job)
    #expect(again.code == 65 && again.errors.contains("the file exists already, and is not written over"))
    let nowhere = try ferry("new", place.path + "/nowhere")
    #expect(nowhere.code == 65 && nowhere.errors.contains("this is not a folder that can be read"))
  }
}
