import FerryCore
import Foundation
import Testing

@testable import FerryText

/// Text decoded wrongly and saved: found, named, and restored where nothing is lost.
@Suite struct MojibakeTests {
  /// The bytes of `text` in one encoding, read as another, saved as UTF-8; `nil` where the reading drops something.
  static func damaged(_ text: String, _ was: String, as wrong: String) throws -> [UInt8]? {
    let bytes = try encoded(text, was)
    if wrong == "CP936" {
      guard let iconv = Iconv.open(from: "CP936", to: "UTF-8") else { return nil }
      var result: [UInt8] = []
      return iconv.append(bytes, from: 0, to: &result) == nil ? result : nil
    }
    return Western.texts(bytes)[wrong == "CP1252" ? 0 : 1]
  }

  private func isFound(_ bytes: [UInt8], _ language: LanguageTag = chinese) -> Bool {
    findings(bytes, language: language).contains { $0.code == "enc.mojibake" }
  }

  static let ways = [
    ("UTF-8", "CP1252"), ("UTF-8", "LATIN1"), ("GB18030", "CP1252"), ("GB18030", "LATIN1"), ("UTF-8", "CP936"),
  ]

  @Test(arguments: ways) func findsAndRestoresWholeFiles(_ was: String, _ wrong: String) throws {
    for lines in [Lessons.simplified, Lessons.traditional] {
      let text = subRip(lines)
      // UTF-8 read as GBK swallows line ends behind an odd number of letters; lines that it does not damage alone.
      let pieces = text.split(separator: "\n", omittingEmptySubsequences: false)
      var damagedText: [UInt8] = []
      for piece in pieces {
        damagedText += (try Self.damaged(String(piece), was, as: wrong) ?? Array(piece.utf8)) + [0x0A]
      }
      damagedText.removeLast()
      let found = findings(damagedText, language: chinese).filter { $0.code == "enc.mojibake" }
      #expect(found.count == 1 && found[0].hint?.contains("restores it exactly") == true, "\(found)")
      let (repaired, description) = try #require(MojibakeRepair.repaired(damagedText))
      #expect(String(decoding: repaired, as: UTF8.self) == text)
      #expect(description.hasSuffix("restored") && !isFound(repaired))
    }
  }

  @Test(arguments: [("CP1252", true), ("LATIN1", true), ("CP936", false)])
  func findsEnglishPunctuation(_ wrong: String, _ restores: Bool) throws {
    for line in Lessons.english[1...2] {
      guard let bytes = try Self.damaged(line, "UTF-8", as: wrong) else { continue }
      #expect(isFound(bytes, english), "\(String(decoding: bytes, as: UTF8.self))")
      let repaired = MojibakeRepair.repaired(bytes)
      #expect(repaired.map { String(decoding: $0.text, as: UTF8.self) } == line || !restores)
    }
  }

  /// A single line is found, or is too short to be sure of; the repair never changes it to anything but what it was.
  @Test(arguments: ways) func findsSingleLines(_ was: String, _ wrong: String) throws {
    var missed = 0
    for line in Lessons.simplified + Lessons.traditional {
      guard let bytes = try Self.damaged(line, was, as: wrong) else { continue }
      // All letters of two bytes may be refused before anything is looked for in them.
      let codes = findings(bytes, language: chinese).map(\.code)
      if line.count > 4, !codes.contains("enc.mojibake"), !codes.contains("enc.undetermined") { missed += 1 }
      if let (text, _) = MojibakeRepair.repaired(bytes) { #expect(String(decoding: text, as: UTF8.self) == line) }
    }
    #expect(missed == 0)
  }

  /// Restored text gives the same damage again: nothing is invented.
  @Test func restoresOnlyWhatRoundTrips() throws {
    var random = Seeded(state: 9)
    let lines = Lessons.simplified + Lessons.english
    var restored = 0
    for round in 0..<1500 {
      let (was, wrong) = Self.ways[round % Self.ways.count]
      let line = lines[round % lines.count]
      guard !(was == "GB18030" && round % lines.count >= Lessons.simplified.count),
        let bytes = try Self.damaged(line, was, as: wrong)
      else { continue }
      var scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
      let at = Int.random(in: 0..<scalars.count, using: &random)
      switch round % 4 {
      case 0: scalars.remove(at: at)
      case 1: scalars.insert(contentsOf: "ß”".unicodeScalars, at: at)
      case 2: scalars.swapAt(at, 0)
      default: break
      }
      let text = Array(scalars.map { String(Character($0)) }.joined().utf8)
      guard let (result, _) = MojibakeRepair.repaired(text) else { continue }
      restored += 1
      let again = try ["CP1252", "LATIN1", "CP936"].flatMap { wrong in
        try ["UTF-8", "GB18030", "BIG5-HKSCS", "UHC", "CP932", "EUC-JP-MS"].compactMap { was -> [UInt8]? in
          guard let iconv = Iconv.open(from: "UTF-8", to: was) else { return nil }
          var bytes: [UInt8] = []
          guard iconv.append(result, from: 0, to: &bytes) == nil else { return nil }
          return try Self.damaged(String(decoding: result, as: UTF8.self), was, as: wrong)
        }
      }
      #expect(again.contains { $0.elementsEqual(text) }, "\(String(decoding: text, as: UTF8.self))")
    }
    #expect(restored > 300)
  }

  @Test func restoresTwiceDamagedText() throws {
    let once = try #require(try Self.damaged("It’s a naïve café.", "UTF-8", as: "CP1252"))
    let twice = try #require(try Self.damaged(String(decoding: once, as: UTF8.self), "UTF-8", as: "CP1252"))
    #expect(MojibakeRepair.repaired(twice)?.text == Array("It’s a naïve café.".utf8))
  }

  /// Sentences that mean what they say, whole and in pieces, in any language.
  @Test func staysSilentOnHonestText() throws {
    let elephants = try ["english", "chinese-utf8"].map {
      String(decoding: try fixture("elephants-dream/elephant.\($0).srt"), as: UTF8.self)
    }
    let russian = decoded(try fixture("elephants-dream/elephant.russian.srt"), tag("ru"), .windows1251).text ?? ""
    let japanese = decoded(try fixture("elephants-dream/elephant.japanese-euc.srt"), tag("ja")).text ?? ""
    #expect(!russian.isEmpty && !japanese.isEmpty)
    let greek = ["Σήμερα μαθαίνουμε.", "Ελληνικά: άέήίόύώ", "α + β = γ, Ω"]
    let all =
      Lessons.simplified + Lessons.traditional + Lessons.korean + Lessons.japanese + Lessons.western + greek + elephants
      + [russian, japanese, Lessons.western.joined(separator: "\n"), Lessons.simplified.joined(separator: "\n")]
    for text in all {
      #expect(!isFound(Array(text.utf8)), "\(text) \(findings(Array(text.utf8)))")
      #expect(MojibakeRepair.repaired(text) == nil, "\(text)")
      guard text.count < 100 else { continue }
      let letters = Array(text)
      for length in [1, 2, 3, 5] where length <= letters.count {
        for start in 0...(letters.count - length) {
          let piece = String(letters[start..<(start + length)])
          #expect(MojibakeRepair.repaired(piece) == nil, "\(piece)")
        }
      }
    }
  }

  @Test func saysWhatHappened() throws {
    let head = "1\n00:00:01,000 --> 00:00:02,000\n"
    func damaged(_ text: String, _ was: String, _ wrong: String) throws -> String {
      String(decoding: try #require(try Self.damaged(text, was, as: wrong)), as: UTF8.self)
    }
    let cases: [(String, String)] = [
      ("UTF-8 read as windows-1252", try damaged("你好，欢迎来到课堂。", "UTF-8", "CP1252")),
      ("GBK read as windows-1252", try damaged("你好，欢迎来到课堂。", "GB18030", "CP1252")),
      ("UTF-8 read as GBK", try damaged("今天我们学习", "UTF-8", "CP936")),
      ("UTF-8 read as GBK, an end lost", "浣犲ソ锛屾杩庢潵鍒板ぇ瀛?"),
      ("no-break space made a space", try damaged("你好，我们开始。", "UTF-8", "CP1252").replacing("\u{A0}", with: " ")),
      ("English quotation marks", try damaged("It’s “easy”.", "UTF-8", "CP1252")),
      ("one line of many", "一切都好。\n" + (try damaged("今天我们学习。", "UTF-8", "CP1252")) + "\n二"),
      ("memory", "烫烫烫烫屯屯屯"), ("lost twice", "锟斤拷锟斤拷"),
    ]
    var report = ""
    for (name, text) in cases {
      report += "## \(name)\n"
      for finding in findings(Array((head + text + "\n").utf8), language: chinese) { report += "\(finding)\n" }
      if let (text, description) = MojibakeRepair.repaired(text) { report += "-> \(description): \(text)\n" }
    }
    try expectGolden(report, "mojibake.txt")
  }
}
