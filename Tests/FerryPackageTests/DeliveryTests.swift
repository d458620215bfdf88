import FerryCore
import Foundation
import Testing

@testable import FerryFiles
@testable import FerryMarkup
@testable import FerryPackage

struct StreamingTests {
  private func file(_ name: String, _ sizes: [Int], seconds: [Int]) -> FragmentedFile {
    var offset = 800
    let segments = zip(sizes, seconds).map { size, length in
      defer { offset += size }
      return FragmentedFile.Segment(offset: offset, size: size, duration: Rational(length, 1))
    }
    return FragmentedFile(
      name: name, initialisation: 700, index: 700..<800, segments: segments,
      duration: Milliseconds(seconds.reduce(0, +) * 1000))
  }

  private func transcode(audio: Bool = true, sizes: [Int] = [500_000, 250_000, 100_000]) -> TranscodeOutcome {
    let rendition = Rendition(
      codec: .h264, width: 1280, height: 720, rateFactor: 21, maximumRate: 1, bufferSize: 1, preset: "veryfast")
    return TranscodeOutcome(
      renditions: [
        .init(
          file: file("720p.mp4", sizes, seconds: [4, 4, 1]), rendition: rendition, frameRate: Rational(30000, 1001),
          codec: "avc1.64001f", frames: 270, isCopied: false)
      ],
      sounds: audio
        ? [
          .init(
            file: file("audio.mp4", [64_000, 64_000, 16_000], seconds: [4, 4, 1]), kind: .aac, codec: "mp4a.40.2",
            sampleRate: 48_000, channels: 2, isCopied: false)
        ] : [], poster: nil, thumbnails: nil, quality: Quality(findings: [], loudness: nil), duration: 9000,
      chapters: [], tools: [])
  }

  @Test func writesTheMasterPlaylist() throws {
    let subtitles = [
      HLS.Subtitle(language: LanguageTag("en")!, name: "Eng\"lish", playlist: "en.m3u8", isDefault: true)
    ]
    let text = HLS.masterPlaylist(transcode(), audioLanguage: LanguageTag("zh")!, subtitles: subtitles)
    // Peak: 4 s of 500,000 and 64,000 bytes; the last second is shorter than half a segment and does not count.
    #expect(
      text == """
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-INDEPENDENT-SEGMENTS
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="中文",LANGUAGE="zh",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subtitles",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI="en.m3u8"
        #EXT-X-STREAM-INF:BANDWIDTH=1128000,AVERAGE-BANDWIDTH=883556,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO="audio",SUBTITLES="subtitles",CLOSED-CAPTIONS=NONE
        720p.m3u8

        """)
  }

  @Test func namesNoGroupThatIsNotThere() {
    let text = HLS.masterPlaylist(transcode(audio: false), audioLanguage: LanguageTag("zh")!, subtitles: [])
    #expect(!text.contains("AUDIO=") && !text.contains("SUBTITLES="))
    #expect(text.contains("CODECS=\"avc1.64001f\""))
  }

  @Test func writesByteRanges() {
    #expect(
      HLS.mediaPlaylist(transcode().renditions[0].file) == """
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-TARGETDURATION:4
        #EXT-X-MEDIA-SEQUENCE:0
        #EXT-X-PLAYLIST-TYPE:VOD
        #EXT-X-INDEPENDENT-SEGMENTS
        #EXT-X-MAP:URI="720p.mp4",BYTERANGE="700@0"
        #EXTINF:4.000000,
        #EXT-X-BYTERANGE:500000@800
        720p.mp4
        #EXTINF:4.000000,
        #EXT-X-BYTERANGE:250000@500800
        720p.mp4
        #EXTINF:1.000000,
        #EXT-X-BYTERANGE:100000@750800
        720p.mp4
        #EXT-X-ENDLIST

        """)
    #expect(HLS.subtitlePlaylist(file: "en.vtt", duration: 9040).contains("#EXT-X-TARGETDURATION:10\n"))
    #expect(HLS.subtitlePlaylist(file: "en.vtt", duration: 9040).contains("#EXTINF:9.040,\nen.vtt\n"))
  }
}

struct DeliveryManifestTests {
  private var manifest: DeliveryManifest {
    let asset = DeliveryManifest.Asset(
      path: "data/lessons/A/A.mp4", role: .video, mediaType: "video/mp4", language: nil, size: 3, sha256: "ab",
      sha512: "cd", durationMs: 1000,
      video: .init(codec: "avc1", width: 16, height: 16, frameRate: Rational(25, 1), frames: 25),
      textTracks: ["zh-Hans", "en"])
    return DeliveryManifest(
      id: DeliveryManifest.urn("p", "L"), label: "L", version: 1, kind: .full, created: "2026-11-23",
      tool: .init(name: "ferry", version: "1"), sender: .init(name: "S", contact: "s"),
      recipient: .init(id: "p", name: "P", contact: "c"), profile: "web", licence: "CC-BY-4.0",
      language: .init(source: LanguageTag("zh-Hans")!, deliver: [LanguageTag("en")!]), stateDigest: "00",
      totals: .init(files: 1, bytes: 3, lessons: 1),
      lessons: [
        .init(
          id: "A", uuid: DeliveryManifest.urn("p", "L", "A"), field: "f",
          title: ["en": "=1+1", "zh-Hans": "科学, \"口罩\""], durationMs: 1000, licence: "CC-BY-3.0",
          credit: "B, C", source: .init(name: "a.mp4", sha256: "ee", hasAudio: false, videoStream: 0, audioStream: nil),
          quality: Quality(
            findings: [.init(kind: .black, severity: .warning, startMs: 0, endMs: 3000, detail: "black for 3.0 s")],
            loudness: nil), text: nil, chapters: [.init(startMs: 0, endMs: 500, name: "One")], assets: [asset])
      ], missing: [.init(id: "B", reason: "waiting", detail: "waits for en")])
  }

  @Test func readsWhatItWrote() throws {
    let bytes = try manifest.encoded()
    #expect(try DeliveryManifest.decoded(bytes) == manifest)
    #expect(try manifest.encoded() == bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("\"media_type\" : \"video/mp4\""))
    #expect(text.contains("\"duration_ms\" : 1000"))
    #expect(text.hasSuffix("}\n"))
  }

  @Test func identifiersAreStableVersionFiveUUIDs() throws {
    let urn = DeliveryManifest.urn("p", "L")
    #expect(urn == DeliveryManifest.urn("p", "L"))
    #expect(urn != DeliveryManifest.urn("p", "M"))
    let pattern = /urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
    #expect(try pattern.wholeMatch(in: urn) != nil)
  }

  @Test func theCatalogueIsHarmlessInASpreadsheet() {
    let text = Catalogue.text(of: manifest)
    #expect(text.hasPrefix("\u{FEFF}id,field,name_zh-Hans,name_en,duration_s,"))
    #expect(text.contains("A,f,\"科学, \"\"口罩\"\"\",'=1+1,1,lessons/A/A.mp4,zh-Hans en,CC-BY-3.0,\"B, C\",3,ab\r\n"))
    for cell in ["=x", "+x", "-x", "@x", "\tx", "=\u{301}x"] { #expect(CSV.text(of: [[cell]]).hasPrefix("'")) }
  }

  @Test func namesEveryLicenceAndWhomToCredit() {
    var manifest = manifest
    #expect(
      CheckMe.licence(manifest) == """
        The lessons in this package are delivered by S under the licence CC-BY-4.0:
        https://creativecommons.org/licenses/by/4.0/

        These lessons have a licence of their own, or want somebody named:

        A: CC-BY-3.0, B, C (https://creativecommons.org/licenses/by/3.0/)

        """)
    manifest.lessons = []
    for (licence, address) in [
      ("CC-BY-SA-4.0", "creativecommons.org/licenses/by-sa/4.0/"), ("CC0-1.0", "publicdomain/zero/1.0/"),
      ("MIT", "https://spdx.org/licenses/MIT.html"),
    ] {
      manifest.licence = licence
      #expect(CheckMe.licence(manifest).hasSuffix(address + "\n"))
    }
  }
}

struct PublishTests {
  private func folder(_ name: String, file: String) throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/ferry-publish-" + UUID().uuidString + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try file.write(toFile: path + "/file", atomically: true, encoding: .utf8)
    return path
  }

  @Test func renamesTheWholeFolder() throws {
    let scratch = try folder("a", file: "x")
    try Publish.folder(scratch, as: scratch + "-home")
    #expect(try String(contentsOfFile: scratch + "-home/file", encoding: .utf8) == "x")
    #expect(!FileManager.default.fileExists(atPath: scratch))
  }

  @Test func neverReplacesWhatIsThere() throws {
    let scratch = try folder("a", file: "new")
    let home = try folder("b", file: "old")
    #expect(throws: Publish.Failure.exists) { try Publish.folder(scratch, as: home) }
    #expect(throws: Publish.Failure.exists) { try Publish.folder(scratch, as: home + "/file") }
    #expect(try String(contentsOfFile: home + "/file", encoding: .utf8) == "old")
    #expect(FileManager.default.fileExists(atPath: scratch + "/file"), "the scratch stays where it is")
  }

  @Test func digestsAreThoseOfTheCoreutils() throws {
    let path = try folder("d", file: String(repeating: "ferry ", count: 300_000))
    let digests = try Digests.of(file: path + "/file")
    #expect(try run("sha256sum", ["file"], in: path).output.hasPrefix(digests.sha256 + " "))
    #expect(try run("sha512sum", ["file"], in: path).output.hasPrefix(digests.sha512 + " "))
    #expect(digests.size == 1_800_000)
    #expect(throws: POSIXError.self) { try Digests.of(file: path + "/nothing") }
  }
}
