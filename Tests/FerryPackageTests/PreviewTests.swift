import FerryCore
import Foundation
import Testing

@testable import FerryPackage

struct PreviewTests {
  private func page(_ manifest: DeliveryManifest, words: String = "Wash your hands") throws -> String {
    var manifest = manifest
    return try #require(sampleFiles(&manifest, words: words)["data/ro-crate-preview.html"])
  }

  @Test func showsASmallDelivery() throws {
    let page = try page(sampleDelivery())
    let body = page.replacing(PreviewStyle.text, with: "…").replacing(PreviewScript.text, with: "…")
      .replacing(/'sha256-[A-Za-z0-9+\/=]+'/, with: "'sha256-…'")
    try expectGolden(body, "preview.html")
  }

  @Test(arguments: hostileNames)
  func noNameBecomesMarkup(name: String) throws {
    let plain = tags(try page(sampleDelivery()))
    var hostile = sampleDelivery(name: name, credit: name)
    hostile.label = name
    let page = try page(hostile, words: name)
    #expect(tags(page) == plain)
    #expect(page.unicodeScalars.allSatisfy { $0 == "\n" || !PlainText.isHarmful($0) })
  }

  /// The elements of the page in order, with the names of their attributes, as an HTML parser that is not ours sees
  /// them; of the data only that they are JSON.
  private func tags(_ page: String) -> String {
    let reader = """
      import html.parser, json, sys
      class Reader(html.parser.HTMLParser):
          data = False
          def handle_starttag(self, tag, attributes):
              print(tag, *sorted(name for name, _ in attributes if name != "lang"))
              self.data = ("id", "data") in attributes
          def handle_endtag(self, tag):
              print("/" + tag)
              self.data = False
          def handle_comment(self, data):
              print("comment")
          def handle_data(self, data):
              if self.data:
                  print(json.dumps([sorted(one) for one in json.loads(data)]))
      Reader().feed(open(sys.argv[1], encoding="utf-8").read())
      """
    let file = FileManager.default.temporaryDirectory.path + "/ferry-page-" + UUID().uuidString + ".html"
    do {
      try page.write(toFile: file, atomically: true, encoding: .utf8)
      let answer = try run("python3", ["-c", reader, file], in: "/")
      try FileManager.default.removeItem(atPath: file)
      #expect(answer.code == 0, "\(answer.output)")
      return answer.output
    } catch {
      return "\(error)"
    }
  }

  @Test func sentencesOfThePageAreInBothLanguages() throws {
    let page = try page(sampleDelivery())
    for match in page.matches(of: /data-(?:label-|placeholder-)?en="([^"]*)" data-(?:label-|placeholder-)?zh="([^"]*)"/)
    {
      let (english, chinese) = (match.1, match.2)
      let isName = english == chinese && page.contains("<bdi>\(english)</bdi>")
      #expect(
        isName || chinese.unicodeScalars.contains { $0.value > 0x2E7F } || english.contains("version"), "\(english)")
    }
  }

  @Test func saysWhereThereIsNothingToPlay() throws {
    var manifest = sampleDelivery()
    manifest.lessons[0].assets.removeAll { $0.role == .video }
    manifest.lessons[0].quality.loudness = nil
    let page = try page(manifest)
    #expect(!page.contains("<video") && page.contains(">Delivered for streaming only: see the downloads.<"))
    #expect(page.contains(">This lesson has no sound.<"))
  }

  @Test func forbidsEveryConnection() throws {
    let page = try page(sampleDelivery())
    let policy = try #require(page.firstMatch(of: /Content-Security-Policy" content="([^"]*)"/)?.1)
    #expect(policy.hasPrefix("default-src 'none';") && !policy.contains("unsafe") && !policy.contains("http"))
    #expect(!page.contains("style=\"") && !page.contains(/\son[a-z]+="/))
    // The licences' addresses are links; nothing else names a host.
    let hosts = Set(page.matches(of: /https?:\/\/([a-z0-9.]+)/).map { String($0.1) })
    #expect(hosts == ["creativecommons.org"])
  }

  @Test func carriesMarkupAndPlaceOfACueOnlyWhereItHasThem() {
    func value(_ lines: [[Run]], _ settings: String = "") -> String {
      let (start, end) = (CueTime(milliseconds: 1), CueTime(milliseconds: 2))
      return PreviewCue.value(Cue(start: start, end: end, lines: lines, settings: settings)).compact
    }
    #expect(value([[Run("a & b")], [Run("c")]]) == #"[1,2,"a & b\nc"]"#)
    #expect(value([[Run("a", style: .italic)]]) == #"[1,2,"a","\u003ci>a\u003c/i>"]"#)
    #expect(value([[Run("a<b")]], "line:0") == #"[1,2,"a\u003cb","a&lt;b","line:0"]"#)
    #expect(
      value([[Run("a", style: [.bold, .underline], voice: "X>y", ruby: "r")]])
        == #"[1,2,"a","\u003cv X&gt;y>\u003cu>\u003cb>\u003cruby>a\u003crt>r\u003c/rt>\u003c/ruby>\u003c/b>\u003c/u>\u003c/v>"]"#
    )
  }

  @Test func writesNumbersForPeople() {
    for (bytes, text) in [
      (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"), (36_945_699, "36.9 MB"),
      (999_949_999, "999.9 MB"), (999_950_000, "1.0 GB"), (5_250_000_000, "5.3 GB"),
    ] {
      #expect(PreviewWords.size(bytes) == text)
    }
    for (time, text) in [(499, "0:00"), (61_120, "1:01"), (3_600_000, "1:00:00")] {
      #expect(PreviewWords.clock(Milliseconds(time)) == text)
    }
    for (number, text) in [(-24.46, "−24.5"), (-0.04, "0.0"), (9.96, "10.0")] {
      #expect(PreviewWords.decimal(number) == text)
    }
  }
}
