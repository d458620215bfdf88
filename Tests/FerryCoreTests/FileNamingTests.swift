import Testing

@testable import FerryCore

@Suite struct FileNamingTests {
  /// A file's name, the stem that it shares with its video, and the language.
  @Test(
    arguments: [
      ("lesson01.zh.srt", "lesson01", "zh-Hans"), ("lesson01.zh-CN.vtt", "lesson01", "zh-Hans"),
      ("lesson01.zh_CN.srt", "lesson01", "zh-Hans"), ("lesson01.chs.ass", "lesson01", "zh-Hans"),
      ("lesson01.cht.srt", "lesson01", "zh-Hant"), ("lesson01.zh-TW.srt", "lesson01", "zh-Hant"),
      ("lesson01.en.srt", "lesson01", "en"), ("lesson01.eng.ttml", "lesson01", "en"),
      ("lesson01_EN.srt", "lesson01", "en"), ("lesson01-English.srt", "lesson01", "en"),
      ("lesson01(英文).srt", "lesson01", "en"), ("第一课【中文】.srt", "第一课", "zh-Hans"),
      ("第一课_英文字幕.srt", "第一课", "en"), ("第一课英文字幕.srt", "第一课英文字幕", nil),
      ("lesson01.srt", "lesson01", nil), ("lesson01.subtitles.srt", "lesson01", nil),
      ("lesson.01.fr.srt", "lesson.01", "fr"), ("Chapter 2 en.srt", "Chapter 2", "en"),
      ("golden.srt", "golden", nil), ("part-in.srt", "part-in", nil), ("week1/a.b.en.srt", "a.b", "en"),
      ("lesson01.pt-BR.srt", "lesson01", "pt-BR"), ("en.srt", "en", nil),
    ] as [(String, String, String?)])
  func readsLanguages(_ name: String, _ stem: String, _ language: String?) throws {
    let naming = try #require(FileNaming(name))
    #expect(naming.stem == stem && naming.language?.text == language && naming.kind == .subtitle)
  }

  @Test func knowsMediaAndLeavesTheRest() {
    #expect(FileNaming("a/lesson.en.MP4")?.kind == .video && FileNaming("a/lesson.en.MP4")?.stem == "lesson.en")
    #expect(FileNaming("lesson.mp3")?.kind == .audio)
    #expect(FileNaming("第一课.双语.srt")?.isBilingual == true)
    for name in [".hidden.srt", "notes.txt", "srt", "lesson", "a/.DS_Store"] { #expect(FileNaming(name) == nil) }
  }

  @Test func pairsAFolder() {
    let pairing = FolderPairing(
      [
        "a/lesson01.mp4", "a/lesson01.zh.srt", "a/Lesson 01.en.srt", "b/lesson01.mov", "b/lesson01.srt", "c.mp4",
        "c.mov",
        "c.en.srt", "c.eng.vtt", "lost.en.srt", "c.chs&eng.srt", "c.fr.srt", "d.mkv", "d.srt", "notes.txt",
      ], source: zh
    ) { $0 == "d.srt" ? en : nil }
    #expect(
      pairing.pairs.map { pair in
        ([pair.media.path] + pair.tracks.map { "\($0.language)=\($0.file.path)" }).joined(separator: " ")
      } == [
        "a/lesson01.mp4 zh-Hans=a/lesson01.zh.srt", "b/lesson01.mov",
        "c.mov en=c.en.srt fr=c.fr.srt", "d.mkv en=d.srt",
      ])
    // `Lesson 01` could be either lesson01.
    #expect(pairing.orphans == ["a/Lesson 01.en.srt", "lost.en.srt"])
    #expect(
      pairing.doubts.map { "\($0.file) \($0.reason)" } == [
        "b/lesson01.srt does not say its language: name it like lesson01.en.srt",
        "c.chs&eng.srt holds two languages: split it into one file for each",
        "c.eng.vtt is a second en track beside c.en.srt, which is taken",
        "c.mp4 has the name of c.mov, which is taken", "d.srt names no language; its text looks like en",
      ])
  }

  @Test func writesAJobWithWhatIsMissing() {
    let pairing = FolderPairing(
      ["疫情防控/第一课 口罩.mp4", "疫情防控/第一课 口罩.zh.srt", "x/con.mp4", "x/con.en.srt", "x/A \"b\".mkv"], source: zh
    ) { _ in nil }
    let text = NewJob(
      pairing: pairing, prefix: "../v/", delivery: "OUC 1", like: nil, source: zh, deliver: [en]
    ).text
    #expect(text.contains("delivery: \"OUC 1\"\n"))
    #expect(
      text.contains(
        """
          - id: T003
            field: epidemic-prevention
            name:
              zh-Hans: "第一课 口罩"  # please write the zh-Hans name
              en: "第一课 口罩"  # please write the en name
            source: "../v/疫情防控/第一课 口罩.mp4"
            subtitles:
              zh-Hans: "../v/疫情防控/第一课 口罩.zh.srt"
              # not found: give it, or a day until which the title may wait for it (due: 2026-12-01)
              en: { file: "../v/疫情防控/第一课 口罩.en.srt", due: 2099-12-31 }
        """))
    #expect(text.contains("  - id: A-b\n") && text.contains("source: \"../v/x/A \\\"b\\\".mkv\"\n"))
    #expect(text.contains("  - id: T002\n") && text.contains("      en: ../v/x/con.en.srt\n"))
  }

  private let zh = LanguageTag("zh-Hans") ?? .init(unchecked: "zh-Hans")
  private let en = LanguageTag("en") ?? .init(unchecked: "en")
}

extension LanguageTag {
  /// Never reached: the tags above are right.
  fileprivate init(unchecked text: String) { preconditionFailure("'\(text)' is no language tag") }
}
