import FerryCore
import Foundation
import Testing

@testable import FerryText

@Suite struct TrackFileTests {
  private func withFolder<T>(_ body: (String) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ferry-text-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { do { try FileManager.default.removeItem(at: folder) } catch { Issue.record(error) } }
    return try body(folder.path)
  }

  private func failure(_ path: String) -> [String] {
    do {
      _ = try TrackFile.read(path: path, language: english)
      return []
    } catch {
      return error.all.map { "\($0.code) \($0.message)" }
    }
  }

  @Test func readsAFileOnce() throws {
    try withFolder { folder in
      let path = folder + "/a.srt"
      try Data("1\n00:00:01,000 --> 00:00:02,000\na\n".utf8).write(to: URL(fileURLWithPath: path))
      #expect(try TrackFile.read(path: path, language: english).track.cues.count == 1)
    }
  }

  @Test func refusesWhatIsNoFileToRead() throws {
    try withFolder { folder in
      #expect(failure(folder + "/none.srt") == ["text.missing the subtitle file does not exist"])
      #expect(failure(folder) == ["text.folder this is a folder, not a subtitle file"])
      let pipe = folder + "/pipe.srt"
      try #require(mkfifo(pipe, 0o600) == 0)
      #expect(failure(pipe) == ["text.unreadable this is not an ordinary file"])
      let loop = folder + "/loop.srt"
      try #require(symlink(loop, loop) == 0)
      #expect(
        failure(loop) == ["text.unreadable the subtitle file cannot be opened: Too many levels of symbolic links"])
      let large = folder + "/large.srt"
      try #require(FileManager.default.createFile(atPath: large, contents: nil))
      try #require(truncate(large, TrackFile.sizeLimit + 1) == 0)
      #expect(failure(large) == ["text.too-large the file is larger than 256 MiB, which no subtitle file is"])
    }
  }

  @Test(
    arguments: [
      ([], "the file is empty"),
      (Array("PK\u{3}\u{4}docx".utf8), "this is a ZIP archive or an Office document, not a subtitle file"),
      ([0, 0, 0, 24] + Array("ftypisom".utf8), "this is an MP4 or MOV video, not a subtitle file"),
      ([0x1A, 0x45, 0xDF, 0xA3, 1], "this is a Matroska or WebM video, not a subtitle file"),
      (Array("%PDF-1.7".utf8), "this is a PDF document, not a subtitle file"),
      (Array("\n<!DOCTYPE HTML><title>404".utf8), "this is a web page, not a subtitle file that ferry reads"),
      (
        [0xFF, 0xFE] + Array("<html>".utf8).flatMap { [$0, 0] },
        "this is a web page, not a subtitle file that ferry reads"
      ),
      (
        Array("<?xml version=\"1.0\"?><!-- x --><rss>".utf8),
        "this is an XML file of 'rss', not a subtitle file that ferry reads"
      ),
      (Array("<?xml version=\"1.0\"?>".utf8), "this is an XML file, not a subtitle file that ferry reads"),
      (Array("{0}{25}Hello".utf8), "this is MicroDVD, not a subtitle file that ferry reads"),
      ([UInt8](repeating: 0x47, count: 400), "this is an MPEG-TS video, not a subtitle file"),
    ] as [([UInt8], String)])
  func saysWhatItIsInstead(_ bytes: [UInt8], _ message: String) {
    #expect(findings(bytes).map(\.message) == [message])
  }

  /// What takes the square of a file's size would take hours for one of these.
  @Test(
    .timeLimit(.minutes(15)),
    arguments: [
      "<", "<i>", "</i>", "{", "{\\", "{\\i1}", "&", "&amp;", "<v a>", "<ruby><rt>", "-->", "1\n", "1\n1 -->\n", "\n",
      "a\n",
      "00:00:01,000 --> 00:00:02,000\n", "\u{0}", "\u{7F}", "\u{FEFF}", "\u{FFFD}", "--\u{2060}", "<\u{2060}", "<{",
      "<c", "\u{80}", "->",
      "９", "0:",
    ])
  func answersToHostileFilesInTime(_ piece: String) {
    for (name, head) in [
      ("t.srt", "1\n00:00:01,000 --> 00:00:02,000\n"), ("t.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n"),
    ] {
      let bytes = Array((head + String(repeating: piece, count: 100_000 / piece.utf8.count)).utf8)
      let (track, findings) = TrackFile.examine(bytes: bytes, file: name, language: chinese, encoding: nil)
      #expect((track?.cues.isEmpty == false || !findings.isEmpty) && findings.count <= Findings.errorLimit + 10)
    }
  }

  @Test(.timeLimit(.minutes(15))) func answersToHostileBytesInTime() {
    for byte in [0x80, 0x81, 0xFF, 0x00, 0xE4] as [UInt8] {
      let bytes = Array("1\n00:00:01,000 --> 00:00:02,000\n".utf8) + [UInt8](repeating: byte, count: 100_001)
      #expect(findings(bytes, language: chinese).contains { $0.severity == .error })
    }
  }

  /// Chance bytes and chance damage must give an answer, whatever it is.
  @Test func answersToAnyBytes() throws {
    var random = Seeded(state: 5)
    let seeds = try [
      fixture("elephants-dream/elephant.chinese.srt"), fixture("go-astisub/example-in-styled.srt"),
      fixture("webvtt/arrows.vtt"), fixture("webvtt-py/youtube_dl.vtt"), fixture("webvtt/nulls.vtt"),
    ]
    for round in 0..<2000 {
      var bytes = Array(seeds[round % seeds.count].prefix(900))
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(Array("\r\n<&{>-:,0".utf8).randomElement(using: &random) ?? 0, at: at)
        default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 20)], at: at)
        }
      }
      let (track, findings) = TrackFile.examine(
        bytes: bytes, file: "t", language: round % 2 == 0 ? chinese : english,
        encoding: round % 7 == 0 ? TextEncoding.allCases.randomElement(using: &random) : nil)
      #expect(track != nil || findings.contains { $0.severity == .error })
    }
  }
}
