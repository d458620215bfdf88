/// A BCP 47 language tag in its canonical letter case, such as `zh-Hans` or `en`.
///
/// Read by the grammar of RFC 5646 section 2.1 (language, script, region, variants, extensions, private use; no
/// grandfathered tags). Subtags are not looked up in the IANA registry.
package struct LanguageTag: Hashable, Sendable {
  package let text: String

  package init?(_ text: String) {
    guard let canonical = LanguageTag.canonical(text) else { return nil }
    self.text = canonical
  }

  /// The language subtag alone, such as `zh`.
  package var language: String { String(text.prefix { $0 != "-" }) }

  /// The tag of the language as it is spoken: without a script.
  package var spoken: LanguageTag {
    script.flatMap { LanguageTag(text.replacing("-\($0)", with: "", maxReplacements: 1)) } ?? self
  }

  /// The script subtag, such as `Hans`, if the tag has one.
  package var script: String? {
    let subtags = text.split(separator: "-").map(String.init)
    return subtags.dropFirst().prefix { $0.count > 1 }.first { $0.count == 4 && $0.utf8.allSatisfy(\.isASCIILetter) }
  }

  /// The three-letter ISO 639-2/T (terminology) code that MP4 wants (ISO/IEC 14496-12, 8.4.2), `und` where there is none.
  package var terminologyCode: String {
    language.count == 3 ? language : LanguageTag.threeLetter[language] ?? "und"
  }

  private static let threeLetter = [
    "ar": "ara", "bg": "bul", "bn": "ben", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng",
    "es": "spa", "et": "est", "fa": "fas", "fi": "fin", "fr": "fra", "he": "heb", "hi": "hin", "hr": "hrv",
    "hu": "hun", "hy": "hye", "id": "ind", "it": "ita", "ja": "jpn", "ka": "kat", "kk": "kaz", "km": "khm",
    "ko": "kor", "ky": "kir", "lo": "lao", "lt": "lit", "lv": "lav", "mn": "mon", "ms": "msa", "my": "mya",
    "ne": "nep", "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "si": "sin",
    "sk": "slk", "sl": "slv", "sq": "sqi", "sr": "srp", "sv": "swe", "sw": "swa", "ta": "tam", "tg": "tgk",
    "th": "tha", "tk": "tuk", "tr": "tur", "ug": "uig", "uk": "ukr", "ur": "urd", "uz": "uzb", "vi": "vie",
    "bo": "bod", "zh": "zho",
  ]

  /// The tag that BCP 47 registers instead of this one: `en` for `eng`, `zh` for the country code `cn`.
  package var registered: LanguageTag? {
    let countries = ["cn": "zh-Hans", "jp": "ja", "cz": "cs", "chs": "zh-Hans", "cht": "zh-Hant"]
    let short =
      countries[language]
      ?? LanguageTag.threeLetter.first { entry in
        entry.value == language || LanguageTag(entry.key)?.bibliographicCode == language
      }?.key
    return short.flatMap { LanguageTag($0 + text.dropFirst(language.count)) }
  }

  private static func canonical(_ text: String) -> String? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard parts.allSatisfy({ (1...8).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isASCIIAlphanumeric) }),
      let first = parts.first, (2...3).contains(first.count), first.utf8.allSatisfy(\.isASCIILetter)
    else { return nil }
    var result = [first.lowercased()]
    var rest = parts.dropFirst()
    if let script = rest.first, script.count == 4, script.utf8.allSatisfy(\.isASCIILetter) {
      result.append(script.prefix(1).uppercased() + script.dropFirst().lowercased())
      rest = rest.dropFirst()
    }
    if let region = rest.first,
      region.count == 2 && region.utf8.allSatisfy(\.isASCIILetter)
        || region.count == 3 && region.utf8.allSatisfy(\.isASCIIDigit)
    {
      result.append(region.uppercased())
      rest = rest.dropFirst()
    }
    while let variant = rest.first,
      variant.count >= 5 || variant.count == 4 && variant.utf8.first?.isASCIIDigit ?? false
    {
      result.append(variant.lowercased())
      rest = rest.dropFirst()
    }
    // Extensions and private use: a single character, then at least one subtag that belongs to it.
    while let singleton = rest.first {
      guard singleton.count == 1 else { return nil }
      let isPrivate = singleton.lowercased() == "x"
      let owned = rest.dropFirst().prefix { isPrivate || $0.count > 1 }
      guard !owned.isEmpty else { return nil }
      result.append(singleton.lowercased())
      result += owned.map { $0.lowercased() }
      rest = rest.dropFirst(1 + owned.count)
    }
    return result.joined(separator: "-")
  }
}

extension LanguageTag: CustomStringConvertible {
  package var description: String { text }
}

extension LanguageTag: Comparable {
  package static func < (a: LanguageTag, b: LanguageTag) -> Bool { a.text < b.text }
}

extension LanguageTag: Codable, CodingKeyRepresentable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let tag = LanguageTag(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no language tag")
    }
    self = tag
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package var codingKey: any CodingKey { text.codingKey }

  package init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}

extension UInt8 {
  @inlinable package var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
  @inlinable package var isASCIILetter: Bool { (0x41...0x5A).contains(self & 0xDF) }
  @inlinable package var isASCIIAlphanumeric: Bool { isASCIIDigit || isASCIILetter }
}

extension LanguageTag {
  /// The language's name for itself, as a player's menu shows it; the tag where ferry knows no name.
  package var endonym: String {
    let names = [
      "ar": "العربية", "de": "Deutsch", "en": "English", "es": "Español", "fr": "Français", "id": "Bahasa Indonesia",
      "it": "Italiano", "ja": "日本語", "kk": "Қазақша", "ko": "한국어", "mn": "Монгол", "pt": "Português",
      "ru": "Русский", "th": "ไทย", "ug": "ئۇيغۇرچە", "vi": "Tiếng Việt", "zh": "中文", "zh-Hans": "简体中文",
      "zh-Hant": "繁體中文", "bo": "བོད་ཡིག",
    ]
    let withScript = script.map { "\(language)-\($0)" } ?? language
    return names[text] ?? names[withScript] ?? names[language] ?? text
  }
}
