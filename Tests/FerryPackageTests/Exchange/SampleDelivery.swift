import FerryCore
import FerryExchange
import Foundation

@testable import FerryBag
@testable import FerryFiles
@testable import FerryPackage

/// A folder of a test's own, removed with the value that owns it.
final class Scratch {
  let path: String

  init(_ name: String = "exchange", in folder: String = FileManager.default.temporaryDirectory.path) throws {
    path = folder + "/ferry-\(name)-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { print("cannot remove \(path): \(error)") }
  }

  func write(_ text: String, _ name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    return path + "/" + name
  }

  /// Bytes by path of every file below `folder`.
  static func contents(_ folder: String) throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for name in try Files.list(folder) { contents[name] = try FileBytes.read(folder + "/" + name) }
    return contents
  }
}

/// One delivery's content, made up: titles and their files; writes versions of it as the pipeline does.
struct SampleDelivery {
  static let label = "OUC-2026-0007"

  /// File contents by path below `data/lessons/`: `AI-001/AI-001.mp4`.
  var files: [String: [UInt8]]
  /// Whom it is for, which decides its identifier.
  var partner = "p"
  /// Whether a crate, which names its version, is in it.
  var isDescribed = true

  init(titles: Int = 3, size: Int = 2000) {
    files = [:]
    for number in 1...titles {
      let title = "AI-00\(number)"
      files["\(title)/\(title).mp4"] = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
      files["\(title)/\(title).en.vtt"] = Array("WEBVTT\n\n00:00.000 --> 00:01.000\nLesson \(number)\n".utf8)
      files["\(title)/\(title).en.txt"] = Array("Lesson \(number)\n".utf8)
    }
  }

  private func role(_ name: String) -> TitleOutcome.LessonFile.Role {
    name.hasSuffix(".mp4") ? .video : name.hasSuffix(".vtt") ? .subtitle : .transcript
  }

  func manifest() -> DeliveryManifest {
    let titles = Set(files.keys.map { String($0.split(separator: "/")[0]) }).sorted()
    let lessons = titles.map { title in
      let assets = files.filter { $0.key.hasPrefix(title + "/") }.sorted { $0.key < $1.key }.map { name, bytes in
        let digests = Digests.of(bytes: bytes)
        var asset = DeliveryManifest.Asset(
          path: "data/lessons/" + name, role: role(name), mediaType: "application/octet-stream",
          language: name.contains(".en.") ? "en" : nil,
          size: digests.size, sha256: digests.sha256, sha512: digests.sha512)
        if asset.role == .video {
          asset.textTracks = ["en"]
          asset.madeBy = .init(
            libraries: ["x264 core 164"], settingsDigest: "00", copied: [], packetsDigest: digests.sha256)
        }
        if asset.role == .subtitle {
          asset.subtitle = .init(
            format: "vtt", cues: 12, firstMs: CueTime(milliseconds: 0), lastMs: CueTime(milliseconds: 9000),
            readAs: SampleDelivery.decision, translator: nil)
        }
        return asset
      }
      var lesson = DeliveryManifest.Lesson(
        id: title, uuid: DeliveryManifest.urn("p", SampleDelivery.label, title), field: "ai", title: ["en": title],
        durationMs: 10_000, licence: "CC-BY-4.0", credit: nil,
        source: .init(name: "a.mp4", sha256: "ee", hasAudio: true, videoStream: 0, audioStream: 1),
        quality: Quality(findings: [], loudness: nil), text: [], chapters: [], assets: assets)
      if let text = files["\(title)/\(title).en.vtt"] { lesson.cues = ["en": SampleDelivery.cues(text)] }
      return lesson
    }
    return DeliveryManifest(
      id: DeliveryManifest.urn(partner, SampleDelivery.label), label: SampleDelivery.label, version: 1, kind: .full,
      created: "2026-11-23", tool: .init(name: "ferry", version: "1"),
      sender: .init(name: "Open University", contact: "media@example.org"),
      recipient: .init(id: "p", name: "Partner", contact: "c@example.org"), profile: "web", licence: "CC-BY-4.0",
      language: .init(source: LanguageTag("zh-Hans")!, deliver: [LanguageTag("en")!]), stateDigest: "",
      totals: .init(files: 0, bytes: 0, lessons: lessons.count), lessons: lessons, missing: [])
  }

  /// A second each, of which the first cue has the file's own words.
  private static func cues(_ text: [UInt8]) -> CueMarks {
    let own = Digests.sha256(text).prefix(12)
    return CueMarks(
      (0..<12).map { .init(start: $0 * 1000, end: $0 * 1000 + 900, words: $0 == 0 ? String(own) : "\($0)") })
  }

  private static let decision = EncodingDecision(encoding: .utf8, method: .strictUTF8, evidence: "")

  /// Writes the full package of the version after `previous` into `folder/LABEL_vN`.
  @discardableResult
  func write(
    _ folder: String, after previous: DeliveryManifest? = nil, fixed: [String: [String]] = [:]
  ) throws -> (manifest: DeliveryManifest, path: String) {
    var manifest = manifest()
    if let previous { manifest = try manifest.following(previous, fixed: fixed) }
    let path = "\(folder)/\(SampleDelivery.label)_v\(manifest.version)"
    var payload: [String: FileDigests] = [:]
    func put(_ name: String, _ bytes: [UInt8]) throws {
      let url = URL(fileURLWithPath: path + "/" + name)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
      payload[name] = Digests.of(bytes: bytes)
    }
    for (name, bytes) in files { try put("data/lessons/" + name, bytes) }
    try put("data/catalogue.csv", Array(Catalogue.text(of: manifest).utf8))
    if isDescribed { try put("data/ro-crate-metadata.json", Array(ROCrate.text(of: manifest).utf8)) }
    try put("data/LICENSE.txt", Array(CheckMe.licence(manifest).utf8))
    manifest.totals = .init(
      files: payload.count, bytes: payload.values.reduce(0) { $0 + $1.size }, lessons: manifest.lessons.count)
    try BagWriter(folder: path).write(
      payload: payload,
      information: [
        ("Source-Organization", "Open University"), ("Contact-Name", "Open University"),
        ("Contact-Email", "media@example.org"), ("External-Identifier", manifest.id),
        ("External-Description", "Lessons"), ("Internal-Sender-Identifier", "\(manifest.label)_v\(manifest.version)"),
        ("Bagging-Date", "2026-11-23"), ("Bag-Software-Agent", "ferry 1"),
        ("BagIt-Profile-Identifier", BagProfile.identifier),
      ]
    ) { digests in
      manifest.stateDigest = digests.sha256
      return [
        DeliveryManifest.fileName: try manifest.encoded(),
        "CHECK-ME.txt": Array(CheckMe.text(label: manifest.label, version: manifest.version).utf8),
      ]
    }
    return (manifest, path)
  }
}
