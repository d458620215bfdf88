import FerryCore
import Foundation
import Testing

@testable import FerryMarkup
@testable import FerryPackage

struct PreviewTests {
  private func page(_ manifest: DeliveryManifest, words: String = "Wash your hands") throws -> String {
    var manifest = manifest
    return try #require(sampleFiles(&manifest, words: words)["data/ro-crate-preview.html"])
  }

  @Test func showsASmallDelivery() throws {
    let page = try page(sampleDelivery())
    let body = page.replacing(Preview.style, with: "…").replacing(Preview.script, with: "…")
      .replacing(/'sha256-[A-Za-z0-9+\/=]+'/, with: "'sha256-…'")
    try expectGolden(body, "preview.html")
  }

  /// The program has the files of `Assets` as they are, and text in each template is escaped as we escape it.
  @Test func embedsItsFiles() throws {
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = project.appendingPathComponent("Sources/FerryPackage/Preview/Assets")
    let embedded = [
      "controls.mustache": PreviewAssets.controls, "lesson.mustache": PreviewAssets.lesson,
      "page.mustache": PreviewAssets.page, "paper.mustache": PreviewAssets.paper, "script.js": PreviewAssets.script,
      "style.css": PreviewAssets.style,
    ]
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == embedded.keys.sorted())
    for (name, text) in embedded {
      let file = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      #expect(file == text, "\(name) was changed: run 'make assets'")
      if name.hasSuffix(".mustache") { #expect(text.hasPrefix("{{% CONTENT_TYPE:PREVIEW}}\n"), "\(name)") }
    }
  }

  @Test(arguments: hostileNames + ["\"\u{301} onload=\u{301}x", "<\u{301}b>\u{301}"])
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

  @Test func everyRuleHasANameInBothLanguages() {
    let rules = TextRule.all.map(\.id)
    #expect(rules.count >= 50)
    for rule in rules {
      let name = PreviewRules.name(rule)
      #expect(name?.english.first?.isUppercase ?? false, "\(rule)")
      #expect(name?.chinese.unicodeScalars.contains { $0.value > 0x2E7F } ?? false, "\(rule)")
    }
  }

  @Test func saysWhatWasMeasuredInBothLanguages() {
    func words(_ kind: Quality.Finding.Kind, _ measure: Quality.Finding.Measure? = nil) -> [String]? {
      let found = Quality.Finding(
        kind: kind, severity: .warning, startMs: 2000, endMs: 65_200, detail: "x", measure: measure)
      return PreviewWords.detail(found).map { [$0.english, $0.chinese] }
    }
    #expect(words(.black) == ["for 63.2 s", "持续 63.2 秒"])
    #expect(words(.silent, .more(count: 7)) == ["7 more until 1:05", "到 1:05 为止还有 7 处"])
    #expect(words(.clipped, .clips(times: 1, tenthsOfMs: 25)) == ["once, 2.5 ms in all", "1 次，共 2.5 毫秒"])
    #expect(words(.clipped, .clips(times: 3, tenthsOfMs: 9)) == ["3 times, 0.9 ms in all", "3 次，共 0.9 毫秒"])
    let sizes = Quality.Finding.Measure.sizes(
      before: .init(width: 640, height: 360), after: .init(width: 320, height: 240))
    #expect(words(.pictureSize, sizes) == ["640×360 becomes 320×240", "由 640×360 变为 320×240"])
    #expect(
      words(.fieldOrder, .fields(flagged: nil, found: .topFirst)) == [
        "the file says nothing, the pictures are interlaced, top field first", "文件标记：无标记；实际画面：隔行，上场优先",
      ])
    // Of damage the manifest has English only, and so has all of 0.1.
    #expect(words(.damaged) == nil && words(.channels) == nil && words(.clipped) == nil)
  }

  @Test func readsFindingsOfPackagesThatSayThemInEnglishOnly() throws {
    let old = #"{"kind":"clipped","severity":"warning","startMs":0,"endMs":9,"detail":"clipped once, 2.5 ms in all"}"#
    var finding = try JSONDecoder().decode(Quality.Finding.self, from: Data(old.utf8))
    #expect(finding.measure == nil)
    var manifest = sampleDelivery()
    manifest.lessons[0].quality.findings = [finding]
    #expect(try page(manifest).contains("<span lang=\"en\"><bdi>clipped once, 2.5 ms in all</bdi></span>"))
    finding.measure = .fields(flagged: .progressive, found: .bottomFirst)
    manifest.lessons[0].quality.findings = [finding]
    #expect(try DeliveryManifest.decoded(manifest.encoded()) == manifest)
  }

  @Test func letsTheScreenChooseBetweenTwoFilms() throws {
    let one = try page(sampleDelivery())
    #expect(one.contains("<video src=\"lessons/A-1/A-1.mp4\"") && !one.contains("<source"))
    let two = try page(sampleDelivery().withAFilmForPhones())
    let small = try #require(two.range(of: "<source class=\"small\" src=\"lessons/A-1/A-1.480p.mp4\""))
    let large = try #require(two.range(of: "<source src=\"lessons/A-1/A-1.mp4\""))
    #expect(small.lowerBound < large.lowerBound, "a browser takes the first that fits")
    #expect(two.contains("<bdi>A-1.480p.mp4</bdi></a> <span class=\"quiet\"><span data-en=\"for phones\""))
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
