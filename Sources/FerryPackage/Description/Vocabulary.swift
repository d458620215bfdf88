internal import FerryCore
internal import FerryMarkup
internal import Foundation

/// How schema.org's vocabularies write what a delivery manifest says.
enum Vocabulary {
  /// Such as `PT1M16.12S` (ISO 8601).
  static func duration(_ time: Milliseconds) -> String {
    let (minutes, rest) = (time.count / 60_000, time.count % 60_000)
    var seconds = "\(rest / 1000)"
    if rest % 1000 != 0 {
      seconds += "." + "\(1000 + rest % 1000)".dropFirst()
      while seconds.hasSuffix("0") { seconds.removeLast() }
    }
    let hours = minutes / 60
    return "PT" + (hours > 0 ? "\(hours)H" : "") + (minutes % 60 > 0 ? "\(minutes % 60)M" : "") + seconds + "S"
  }

  /// The time that `duration` wrote, in whatever of ISO 8601's ways with hours, minutes and seconds; `nil` for anything
  /// else.
  static func milliseconds(_ text: String) -> Milliseconds? {
    guard let parts = text.wholeMatch(of: /PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,3})\d*)?S)?/)
    else { return nil }
    func number(_ part: Substring?) -> Int { part.flatMap { Int($0) } ?? 0 }
    let fraction = parts.4.map { number(Substring($0.padding(toLength: 3, withPad: "0", startingAt: 0))) } ?? 0
    return Milliseconds((number(parts.1) * 3600 + number(parts.2) * 60 + number(parts.3)) * 1000 + fraction)
  }

  /// A file's path relative to the payload, as a URI reference (RFC 3986).
  static func reference(_ asset: DeliveryManifest.Asset) -> String { reference(asset.path) }

  static func reference(_ path: String) -> String {
    let inside = path.hasPrefix("data/") ? String(path.dropFirst(5)) : path
    return inside.utf8.map { byte in
      let isPlain =
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
      if isPlain || "-._~/".utf8.contains(byte) { return String(UnicodeScalar(byte)) }
      let hex = String(byte, radix: 16, uppercase: true)
      return "%" + (hex.count < 2 ? "0" : "") + hex
    }.joined()
  }

  /// The same file for those who want a whole URI: below the package's identifier, by the scheme for archives (`arcp`).
  static func address(_ asset: DeliveryManifest.Asset, in manifest: DeliveryManifest) -> String {
    "arcp://uuid,\(manifest.id.replacing("urn:uuid:", with: ""))/\(reference(asset))"
  }

  /// A file that is not here, named by its digest (RFC 6920).
  static func digestAddress(sha256: String) -> String {
    var bytes: [UInt8] = []
    var digits = Substring(sha256)
    while let byte = UInt8(digits.prefix(2), radix: 16), digits.count > 1 {
      bytes.append(byte)
      digits = digits.dropFirst(2)
    }
    let base64 = Data(bytes).base64EncodedString()
    return "ni:///sha-256;" + base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  /// A title's name in `language`, else in the language it has.
  static func name(_ lesson: DeliveryManifest.Lesson, _ language: LanguageTag) -> (text: String, language: String) {
    name(lesson.id, lesson.title, language)
  }

  static func name(
    _ id: String, _ title: [String: String], _ language: LanguageTag
  ) -> (text: String, language: String) {
    let names = title.sorted { $0.key < $1.key }
    let found =
      names.first { $0.key == language.text }
      ?? names.first { $0.key.split(separator: "-").first.map(String.init) == language.language } ?? names.first
    return (PlainText.line(found?.value ?? id), found?.key ?? language.text)
  }

  /// `epidemic-prevention` in words.
  static func field(_ field: String) -> String {
    let words = PlainText.line(field.replacing("-", with: " ").replacing("_", with: " "))
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}

extension DeliveryManifest {
  /// The first language that is delivered: what a partner reads.
  var reader: LanguageTag { language.deliver.first ?? language.source }
}

extension DeliveryManifest.Lesson {
  /// The files that hold picture, sound and text in the lesson's full size, or its sound and text.
  var programmes: [DeliveryManifest.Asset] {
    let films = assets.filter { $0.role == .video }
    let most = films.compactMap(\.lines).max()
    return films.isEmpty ? assets.filter { $0.role == .audio } : films.filter { $0.lines == most }
  }

  /// The one of them that every player takes.
  var programme: DeliveryManifest.Asset? {
    programmes.first { $0.mediaType == "video/mp4" } ?? programmes.first
  }

  /// The same in a smaller picture, for phones.
  var programmeForPhones: DeliveryManifest.Asset? {
    guard let most = programme?.lines else { return nil }
    return assets.first { $0.role == .video && $0.mediaType == "video/mp4" && $0.lines ?? most < most }
  }

  var poster: DeliveryManifest.Asset? { assets.first { $0.role == .poster } }
  var spriteSheet: DeliveryManifest.Asset? { assets.first { $0.role == .thumbnails && $0.mediaType == "image/jpeg" } }

  /// Subtitle files beside the programme, not those of its streams.
  var captions: [DeliveryManifest.Asset] {
    assets.filter { $0.role == .subtitle && !$0.path.contains("/hls/") }
  }
}

extension DeliveryManifest.Asset {
  fileprivate var lines: Int? { video.map { min($0.width, $0.height) } }
}
