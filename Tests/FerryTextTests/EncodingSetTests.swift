import FerryCore
import Foundation
import Testing

@testable import FerryText

/// Every encoding that ferry tells apart, on whole files, single cues and pieces: right or an error, never wrong.
@Suite struct EncodingSetTests {
  /// Lines, the language they are declared, and encodings that must come out right.
  static let sets: [(name: String, lines: [String], language: String, ways: [(TextEncoding, String)])] = [
    ("simplified", Lessons.simplified, "zh-Hans", [(.gb18030, "GB18030")]),
    ("traditional", Lessons.traditional, "zh-Hant", [(.gb18030, "GB18030"), (.big5, "BIG5-HKSCS")]),
    ("korean", Lessons.korean, "ko", [(.eucKR, "UHC")]),
    ("japanese", Lessons.japanese, "ja", [(.shiftJIS, "CP932"), (.eucJP, "EUC-JP-MS")]),
  ]

  static let unicode: [(TextEncoding, String, [UInt8])] = [
    (.utf8, "UTF-8", []), (.utf8, "UTF-8", [0xEF, 0xBB, 0xBF]), (.utf16LittleEndian, "UTF-16LE", []),
    (.utf16LittleEndian, "UTF-16LE", [0xFF, 0xFE]), (.utf16BigEndian, "UTF-16BE", []),
    (.utf16BigEndian, "UTF-16BE", [0xFE, 0xFF]),
  ]

  /// Files of one cue to twenty.
  private func files(_ lines: [String]) -> [(cues: Int, text: String)] {
    (1...20).map { count in (count, subRip((0..<count).map { lines[(count * 7 + $0) % lines.count] })) }
  }

  @Test func readsWholeFiles() throws {
    for set in Self.sets {
      for (cues, text) in files(set.lines) {
        for (encoding, name, mark) in Self.unicode + set.ways.map({ ($0.0, $0.1, []) }) {
          let result = decoded(mark + (try encoded(text, name)), tag(set.language))
          // A few short cues may be too little to tell by.
          if result.text == nil, result.findings.map(\.code) == ["enc.undetermined"],
            cues < (encoding == .eucJP ? 8 : 4)
          {
            continue
          }
          #expect(result.text == text, "\(set.name) in \(name): \(text) \(result.findings)")
          #expect(result.decision?.encoding == encoding)
        }
      }
    }
  }

  @Test func readsSingleLines() throws {
    var refused = 0
    var all = 0
    for set in Self.sets {
      for line in set.lines {
        for (_, name) in set.ways {
          let text = decoded(try encoded(line, name), tag(set.language)).text
          #expect(text == nil || text == line, "\(set.name) in \(name): \(line)")
          all += 1
          refused += text == nil ? 1 : 0
        }
      }
    }
    // Three letters, or Japanese that is all but kana.
    #expect(refused * 10 < all)
  }

  /// English may have an accent or a formula; that alone nobody can tell from one Chinese character.
  private func isLatinOrGreek(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.value < 0x180 || (0x370..<0x400).contains($0.value) }
  }

  @Test func neverMisreadsAPiece() throws {
    for set in Self.sets {
      for (_, name) in set.ways {
        var right = [Int](repeating: 0, count: 13)
        var all = right
        for line in set.lines {
          let letters = Array(line)
          for length in [1, 2, 3, 4, 5, 6, 8, 12] where length <= letters.count {
            for start in stride(from: 0, through: letters.count - length, by: 3) {
              let piece = String(letters[start..<(start + length)])
              let bytes = try encoded(piece, name)
              for language in ["zh", "ko", "ja", "en"] {
                let text = decoded(bytes, tag(language)).text
                let isRight = text == nil || text == piece || language == "en" && text.map(isLatinOrGreek) == true
                #expect(isRight, "\(name) as \(language): \(piece) \(text ?? "")")
                if set.language.hasPrefix(language) {
                  all[length] += 1
                  right[length] += text == nil ? 0 : 1
                }
              }
            }
          }
        }
        #expect(set.language == "ja" || right[12] * 10 >= all[12] * 9, "\(set.name) in \(name)")
      }
    }
  }

  /// A file in another language's encoding is an error that names what it looks like.
  @Test func refusesAnotherLanguagesFile() throws {
    for set in Self.sets {
      for (encoding, name) in set.ways {
        let bytes = try encoded(subRip(set.lines), name)
        for language in ["zh", "ko", "ja", "en", "fr"] where !set.language.hasPrefix(language) {
          let result = decoded(bytes, tag(language))
          #expect(result.text == nil && result.findings.map(\.code) == ["enc.undetermined"])
          #expect(result.findings.first?.message.contains("in \(encoding.rawValue)") == true, "\(result.findings)")
        }
      }
    }
  }

  @Test func refusesWesternCodePagesUnlessForced() throws {
    let text = subRip(Lessons.western.filter { !$0.contains("ẞ") })
    let bytes = try encoded(text, "CP1252")
    for language in ["en", "fr", "zh", "ko", "ja"] {
      #expect(decoded(bytes, tag(language)).findings.map(\.code) == ["enc.undetermined"])
    }
    let forced = decoded(bytes, english, .windows1252)
    #expect(forced.text == text && forced.decision?.method == .explicit && forced.findings.isEmpty)
    // Each line alone is refused, or is ASCII.
    for line in text.split(separator: "\n") {
      for language in ["en", "zh", "ko", "ja"] {
        let result = decoded(try encoded(String(line), "CP1252"), tag(language)).text
        #expect(result == nil || result == String(line), "\(line) as \(language): \(result ?? "")")
      }
    }
    let russian = try fixture("elephants-dream/elephant.russian.srt")
    let read = decoded(russian, tag("ru"), .windows1251)
    #expect(read.text?.contains("Слева мы видим...") == true && read.findings.isEmpty)
    #expect(decoded(Array(text.utf8), english, .windows1252).findings.map(\.code) == ["enc.explicit"])
  }

  /// Two halves in any two encodings, one after the other.
  @Test func neverReadsTwoEncodingsAsOne() throws {
    let lines = Lessons.traditional.filter { $0.count > 4 }
    let names = ["UTF-8", "GB18030", "BIG5-HKSCS"]
    for first in names {
      for second in names where second != first {
        for split in [3, 20, 50] {
          let bytes =
            try encoded(subRip(Array(lines[..<split])), first) + encoded(subRip(Array(lines[split...])), second)
          let result = decoded(bytes, tag("zh-Hant"))
          #expect(result.text == nil, "\(first), then \(second) after \(split)")
          // Two Chinese encodings may leave nothing that can be told.
          let codes = result.findings.map(\.code)
          let isUTF8 = first == "UTF-8" || second == "UTF-8"
          #expect(codes == ["enc.mixed"] || codes == ["enc.undetermined"] && !isUTF8, "\(result.findings)")
          let line = result.findings.first?.place.line
          #expect(
            !isUTF8 || line == split * 4 + (first == "UTF-8" ? 3 : 1) || line == split * 4 + 3, "\(result.findings)")
        }
      }
    }
  }
}

/// The files of others that lie beside the repository, where they do.
@Suite struct RealFileTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/testdata/subs").standardizedFileURL
  private static let isThere = FileManager.default.fileExists(atPath: folder.path)

  private func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
  }

  /// What each file is, its language, and how it is read; `nil` where only force can.
  @Test(
    .enabled(if: isThere),
    arguments: [
      ("chinese", "zh", .gb18030), ("chinese-utf8", "zh", .utf8), ("japanese-euc", "ja", .eucJP),
      ("japanese-utf8", "ja", .utf8), ("english", "en", .utf8), ("french", "fr", nil), ("german", "de", nil),
      ("russian", "ru", nil), ("arabic", "ar", nil),
    ] as [(String, String, TextEncoding?)])
  func readsElephantsDream(_ name: String, _ language: String, _ encoding: TextEncoding?) throws {
    let bytes = try bytes("elephants_dream/elephant.\(name).srt")
    let result = decoded(bytes, tag(language))
    #expect(result.decision?.encoding == encoding, "\(result.findings)")
    #expect(result.findings.map(\.code) == (encoding == nil ? ["enc.undetermined"] : []), "\(result.findings)")
    for other in ["zh", "ko", "ja", "en"] where other != language {
      let text = decoded(bytes, tag(other)).text
      #expect(text == nil || text == result.text)
    }
  }

  @Test(.enabled(if: isThere)) func japaneseEqualsItsTwin() throws {
    let (track, _) = try TrackFile.read(
      bytes: bytes("elephants_dream/elephant.japanese-euc.srt"), file: "e.srt", language: tag("ja"))
    let twin = try TrackFile.read(
      bytes: bytes("elephants_dream/elephant.japanese-utf8.srt"), file: "e.srt", language: tag("ja")
    ).track
    #expect(track.cues.map(\.text) == twin.cues.map(\.text))
  }

  /// Whatever language a file is declared: an answer, and no mojibake where there is none.
  @Test(.enabled(if: isThere)) func answersToEveryFile() throws {
    let files = try #require(FileManager.default.enumerator(atPath: Self.folder.path)?.allObjects as? [String])
    var count = 0
    for name in files.sorted() where name.contains("/") {
      let bytes = try bytes(name)
      for language in ["en", "zh", "ko", "ja"] {
        let (track, findings) = TrackFile.examine(bytes: bytes, file: name, language: tag(language), encoding: nil)
        #expect(track != nil || findings.contains { $0.severity == .error })
        #expect(!findings.contains { $0.message.contains("and saved") }, "\(name) \(findings)")
        count += 1
      }
    }
    #expect(count > 400)
  }
}
