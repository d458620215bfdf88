import FerryCore
import Foundation
import Testing

@testable import FerryMarkup
@testable import FerryPackage

/// Names that somebody could write into a job, each harmful to one sink or another.
let hostileNames = [
  "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1", "a;=1+1",
  "<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "<!-- --><b>bold", "]]>", "&lt;&#60;",
  "\" onmouseover=\"alert(1)", "' autofocus onfocus='alert(1)", "\u{202E}gnp.exe", "\u{2067}turned\u{2069}",
  "line\u{2028}and\u{2029}paragraph", "two\nlines\r\nthree", "nul\u{0}bell\u{7}next\u{85}", "\u{FEFF}mark", "\\u003c\\",
  "${7*7}`{{7*7}}", "../../etc/passwd", "科学，\"口罩\"", "",
]

/// A delivery of one small lesson with all that a page can show.
func sampleDelivery(name: String = "Wearing a mask", credit: String? = "B & C") -> DeliveryManifest {
  func asset(
    _ file: String, _ role: TitleOutcome.LessonFile.Role, _ type: String, _ language: String? = nil
  ) -> DeliveryManifest.Asset {
    .init(
      path: "data/lessons/A-1/" + file, role: role, mediaType: type, language: language, size: 1234,
      sha256: String(repeating: "ab", count: 32), sha512: String(repeating: "cd", count: 64))
  }
  var video = asset("A-1.mp4", .video, "video/mp4")
  video.durationMs = 61_120
  video.video = .init(codec: "avc1", width: 1280, height: 720, frameRate: Rational(25, 1), frames: 1528)
  video.madeBy = .init(libraries: ["libavcodec 59.37.100", name], settingsDigest: "00", copied: ["audio"])
  let reading = EncodingDecision(encoding: .gb18030, method: .explicit, evidence: name)
  var english = asset("A-1.en.vtt", .subtitle, "text/vtt", "en")
  english.subtitle = .init(
    format: "vtt", cues: 2, firstMs: CueTime(milliseconds: 0), lastMs: CueTime(milliseconds: 9000), readAs: reading,
    translator: name)
  let loudness = Quality.LoudnessChange(
    before: Loudness(integrated: -24.46, range: 2, truePeak: -7.7),
    after: Loudness(integrated: -16, range: 2, truePeak: nil), gain: 8.46, isLimited: false)
  let finding = Quality.Finding(kind: .black, severity: .warning, startMs: 2000, endMs: 5000, detail: name)
  let waivers = [Waiver(rule: "reading-speed", reason: name, place: Place("job.yaml"))]
  let speed = TextFinding(
    rule: "reading-speed", severity: .error, profile: "iite-en", file: "a.srt", line: 1, cue: nil, measure: nil,
    message: "", hint: nil, source: RuleSource("", ""))
  let checks = TrackQuality(
    LanguageTag("en")!, rules: "iite-en", readAs: reading, held: [], waived: [speed], by: waivers)
  return DeliveryManifest(
    id: DeliveryManifest.urn("p", "L"), label: "L-1", version: 1, kind: .full, created: "2026-11-23",
    tool: .init(name: "ferry", version: "1"), sender: .init(name: "Open \(name)", contact: "s"),
    recipient: .init(id: "p", name: "P \(name)", contact: "c"), profile: "web", licence: "CC-BY-4.0",
    language: .init(source: LanguageTag("zh-Hans")!, deliver: [LanguageTag("en")!]), stateDigest: "00",
    totals: .init(files: 5, bytes: 6170, lessons: 1),
    lessons: [
      .init(
        id: "A-1", uuid: DeliveryManifest.urn("p", "L", "A"), field: "epidemic-prevention",
        title: ["en": name, "zh-Hans": "科学佩戴口罩"], durationMs: 61_120, licence: "CC-BY-3.0", credit: credit,
        source: .init(
          name: name, sha256: String(repeating: "0f", count: 32), hasAudio: true, videoStream: 0, audioStream: 1),
        quality: Quality(findings: [finding], loudness: loudness), text: [checks],
        chapters: [.init(startMs: 0, endMs: 30_000, name: name), .init(startMs: 30_000, endMs: 61_120, name: nil)],
        assets: [
          video, english, asset("A-1.zh-Hans.vtt", .subtitle, "text/vtt", "zh-Hans"),
          asset("A-1.jpg", .poster, "image/jpeg"), asset("A-1.thumbs.jpg", .thumbnails, "image/jpeg"),
          asset("hls/master.m3u8", .playlist, "application/vnd.apple.mpegurl"),
        ])
    ],
    missing: [
      .init(
        id: "B-2", title: ["en": name, "zh-Hans": "迟到的一课"], reason: "waiting", detail: name, awaited: ["en", name]),
      .init(id: "B-3", title: ["en": name, "zh-Hans": "失败的一课"], reason: "failed", detail: name),
    ])
}

extension DeliveryManifest {
  /// With a second film of 480 lines, in front of the first.
  func withAFilmForPhones() -> DeliveryManifest {
    var manifest = self
    guard var film = lessons[0].programme else { return self }
    film.path = "data/lessons/A-1/A-1.480p.mp4"
    film.video?.width = 854
    film.video?.height = 480
    manifest.lessons[0].assets.insert(film, at: 0)
    return manifest
  }
}

func sampleFiles(_ manifest: inout DeliveryManifest, words: String = "Wash your hands") -> [String: String] {
  func cue(_ start: Int, _ end: Int, _ lines: [[Run]], settings: String = "") -> Cue {
    Cue(start: CueTime(milliseconds: start), end: CueTime(milliseconds: end), lines: lines, settings: settings)
  }
  let english = [
    cue(0, 2000, [[Run(words)], [Run("before", style: .italic), Run(" & after", voice: words)]]),
    cue(2000, 9000, [[Run("x < y", ruby: words)]], settings: "line:0 align:start"),
  ]
  let chinese = [cue(0, 2000, [[Run("先洗手")]])]
  return Description.files(
    describing: &manifest, captions: ["A-1": [(LanguageTag("en")!, english), (LanguageTag("zh-Hans")!, chinese)]],
    thumbnails: ["A-1": .init(sheet: "thumbs.jpg", width: 160, height: 90, columns: 10, count: 12, interval: 5000)])
}

/// Compares with a file under `Golden`; with `RECORD_GOLDEN=1` rewrites it and fails.
func expectGolden(_ text: String, _ name: String) throws {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden/" + name)
  if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
    try text.write(to: file, atomically: true, encoding: .utf8)
    Issue.record("recorded anew: read it, then run without RECORD_GOLDEN")
    return
  }
  // As bytes: reading a string drops its byte order mark.
  #expect(try Data(text.utf8) == Data(contentsOf: file), "Golden/\(name)")
}

private func harmful(_ text: String) -> [Unicode.Scalar] {
  text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" && PlainText.isHarmful($0) }
}

struct PlainTextTests {
  @Test func keepsWordsOfEveryScriptAndNothingThatActs() {
    for (text, wanted) in [
      ("科学佩戴口罩", "科学佩戴口罩"), ("مرحبا بالعالم", "مرحبا بالعالم"), ("a\u{202E}b", "ab"), ("  a \t b\r\n", "a b"),
      ("a\u{2028}b\u{85}c", "a b c"), ("\u{0}\u{1B}[31mred", "[31mred"), ("क्\u{200D}ष", "क्\u{200D}ष"),
      ("e\u{301}", "e\u{301}"),
      ("\u{FEFF}a\u{FFFF}", "a"), ("\u{202E}", ""),
    ] {
      #expect(PlainText.line(text).unicodeScalars.elementsEqual(wanted.unicodeScalars))
    }
    #expect(PlainText.lines("a\r\n\n b\u{202E} \nc") == "a\nb\nc")
  }
}

struct JSONValueTests {
  @Test func isCanonicalAndSafeInsideAScript() throws {
    let value: JSONValue = ["b": ["</script>", .integer(-1), .bool(true)], "a": .object([:]), "@id": .array([])]
    #expect(
      value.text == """
        {
          "@id": [],
          "a": {},
          "b": [
            "\\u003c/script>",
            -1,
            true
          ]
        }

        """)
    #expect(value.compact == #"{"@id":[],"a":{},"b":["\u003c/script>",-1,true]}"#)
  }

  @Test func giveBackEveryText() throws {
    for name in hostileNames + ["\u{1D11E}\u{E0041}", "\u{7F}\u{1F}"] {
      let text = JSONValue.array([.string(name)]).text
      let read = try JSONDecoder().decode([String].self, from: Data(text.utf8))
      #expect(read[0].unicodeScalars.elementsEqual(name.unicodeScalars))
      #expect(harmful(text).isEmpty && !text.contains("<"))
    }
  }
}

struct CatalogueTests {
  @Test(arguments: hostileNames)
  func noNameIsAFormulaOrARow(name: String) throws {
    let text = Catalogue.text(of: sampleDelivery(name: name, credit: name))
    #expect(text.hasPrefix("\u{FEFF}id,field,name_zh-Hans,name_en,"))
    #expect(text.components(separatedBy: "\r\n").count == 3, "one row, one header")
    let read = try run("python3", ["-c", Self.reader, String(text.dropFirst())], in: "/")
    #expect(read.output == "2 11 11 0\n")
    #expect(harmful(String(text.dropFirst())).isEmpty)
  }

  /// Rows, columns of each, and cells that begin a formula, by Python's own reader.
  private static let reader = """
    import csv, io, sys
    rows = list(csv.reader(io.StringIO(sys.argv[1], newline="")))
    bad = [cell for row in rows for cell in row if cell.lstrip()[:1] in tuple("=+-@＝＋－＠\\t\\r\\n")]
    print(len(rows), *map(len, rows), len([cell for cell in bad if cell]))
    """
}

struct CrateTests {
  /// The larger film stays the lesson's own wherever the smaller one stands.
  @Test func namesTheFilmForPhonesBesideTheLessonsOwn() throws {
    var one = sampleDelivery()
    var two = one.withAFilmForPhones()
    #expect(two.lessons[0].programme?.path == "data/lessons/A-1/A-1.mp4")
    #expect(two.lessons[0].programmeForPhones?.path == "data/lessons/A-1/A-1.480p.mp4")
    #expect(one.lessons[0].programmeForPhones == nil)
    let (before, files) = (sampleFiles(&one), sampleFiles(&two))
    #expect(files["data/catalogue.csv"] == before["data/catalogue.csv"])
    let record = try #require(files["data/lessons/A-1/A-1.json"])
    #expect(record.contains("/lessons/A-1/A-1.480p.mp4\"") && record.contains("/lessons/A-1/A-1.mp4\""))
    let crate = try #require(files["data/ro-crate-metadata.json"])
    let film = try #require(crate.range(of: "\"@id\": \"lessons/A-1/A-1.480p.mp4\",\n      \"@type\""))
    let entity = try #require(crate[film.lowerBound...].components(separatedBy: "\n    }").first)
    #expect(entity.contains("\"name\": \"A-1.480p.mp4\"") && entity.contains("\"height\": 480"))
    #expect(crate.components(separatedBy: "\"caption\"").count == 2, "of the larger film alone")
  }

  @Test func keepsTheFirstFilmOfPackagesWithSeveralOfOneSize() {
    var manifest = sampleDelivery()
    var film = manifest.lessons[0].assets[0]
    film.path = "data/lessons/A-1/A-1.mkv"
    film.mediaType = "video/x-matroska"
    manifest.lessons[0].assets.insert(film, at: 0)
    #expect(Catalogue.text(of: manifest).contains(",lessons/A-1/A-1.mkv,"), "as 0.1 wrote it")
    #expect(manifest.lessons[0].programme?.path == "data/lessons/A-1/A-1.mp4")
    #expect(manifest.lessons[0].programmeForPhones == nil)
  }

  @Test func describesASmallDelivery() throws {
    var manifest = sampleDelivery()
    let files = sampleFiles(&manifest)
    try expectGolden(try #require(files["data/ro-crate-metadata.json"]), "ro-crate-metadata.json")
    try expectGolden(try #require(files["data/lessons/A-1/A-1.json"]), "lesson.json")
    try expectGolden(try #require(files["data/catalogue.csv"]), "catalogue.csv")
    let record = try #require(manifest.lessons[0].assets.last)
    #expect(record.path == "data/lessons/A-1/A-1.json" && record.role == .metadata)
    #expect(record.size == files[record.path]?.utf8.count)
  }

  @Test(arguments: hostileNames)
  func noNameChangesItsShape(name: String) throws {
    var plain = sampleDelivery()
    var manifest = sampleDelivery(name: name, credit: name)
    let wanted = sampleFiles(&plain)
    for (path, text) in sampleFiles(&manifest, words: name) where path.hasSuffix(".json") {
      #expect(harmful(text).isEmpty && !text.contains("<"))
      let read = try JSONSerialization.jsonObject(with: Data(text.utf8))
      let model = try JSONSerialization.jsonObject(with: Data(try #require(wanted[path]).utf8))
      #expect(shape(read) == shape(model), "\(path)")
    }
    let licence = CheckMe.licence(manifest)
    #expect(licence.split(separator: "\n").count == 4 && harmful(licence).isEmpty)
  }

  /// Every key with the shape of its value; texts without their words.
  private func shape(_ value: Any) -> String {
    switch value {
    case let members as [String: Any]: "{\(members.sorted { $0.key < $1.key }.map { "\($0.key):\(shape($0.value))" })}"
    case let values as [Any]: "\(values.map(shape))"
    default: "·"
    }
  }

  @Test func writesDurationsAndReferencesAsTheirStandardsSay() {
    for (time, text) in [
      (0, "PT0S"), (40, "PT0.04S"), (61_120, "PT1M1.12S"), (3_600_000, "PT1H0S"), (5_025_007, "PT1H23M45.007S"),
    ] {
      #expect(Vocabulary.duration(Milliseconds(time)) == text)
    }
    #expect(Vocabulary.reference("data/lessons/A/a b#?%.mp4") == "lessons/A/a%20b%23%3F%25.mp4")
    #expect(Vocabulary.reference("data/口") == "%E5%8F%A3")
    // RFC 6920, 8.1: the digest of "Hello World!".
    #expect(
      Vocabulary.digestAddress(sha256: "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069")
        == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk")
  }
}
