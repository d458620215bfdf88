/// A job file written from a folder's pairs: complete enough for `ferry check`, with a comment where a person decides.
package struct NewJob: Sendable {
  package var pairing: FolderPairing
  /// What the folder's paths are relative to, as the job file sees it: empty, or ending in `/`.
  package var prefix: String
  package var delivery: String
  /// A job whose partner, sender, profile, languages and licence are taken over.
  package var like: Job?
  package var source: LanguageTag
  package var deliver: [LanguageTag]

  package init(
    pairing: FolderPairing, prefix: String, delivery: String, like: Job?, source: LanguageTag, deliver: [LanguageTag]
  ) {
    self.pairing = pairing
    self.prefix = prefix
    self.delivery = delivery
    self.like = like
    self.source = source
    self.deliver = deliver
  }

  /// The file's text, which reads back as a job.
  package var text: String {
    var lines = ["ferry: 1", "delivery: \(quoted(delivery))"]
    if let like {
      let (partner, sender) = (like.partner, like.sender)
      lines += [
        "partner: { id: \(quoted(partner.id)), name: \(quoted(partner.name)), contact: \(quoted(partner.contact)) }",
        "sender: { name: \(quoted(sender.name)), contact: \(quoted(sender.contact)) }",
        "profile: \(Profile.builtIn[like.profile.name] == nil ? "web" : like.profile.name)",
      ]
    } else {
      lines += [
        "# Please fill in who receives and who sends it.",
        "partner: { id: partner, name: Partner, contact: partner@example.org }",
        "sender: { name: Sender, contact: sender@example.org }", "profile: web",
      ]
    }
    let tags = deliver.map(\.text).joined(separator: ", ")
    lines += [
      "language: { source: \(source), deliver: [\(tags)] }", "licence: \(like?.licence ?? "CC-BY-4.0")", "titles:",
    ]
    var taken: Set<String> = []
    for (index, pair) in pairing.pairs.enumerated() { lines += title(pair, number: index + 1, &taken) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func title(_ pair: FolderPairing.Pair, number: Int, _ taken: inout Set<String>) -> [String] {
    let stem = pair.media.stem
    var lines = [
      "  - id: \(quoted(identifier(stem, number, &taken)))",
      "    field: \(field(of: pair.media.path) ?? "unsorted  # please name the field, such as school-education")",
      "    name:",
    ]
    for tag in [source] + deliver.filter({ $0 != source }) {
      lines.append("      \(tag): \(quoted(stem))  # please write the \(tag) name")
    }
    lines.append("    source: \(quoted(prefix + pair.media.path))")
    lines.append("    subtitles:")
    for (tag, file) in pair.tracks { lines.append("      \(tag): \(quoted(prefix + file.path))") }
    for tag in deliver where !pair.tracks.contains(where: { $0.language == tag }) {
      lines.append("      # not found: give it, or a day until which the title may wait for it (due: 2026-12-01)")
      lines.append(
        "      \(tag): { file: \(quoted("\(prefix)\(expected(pair.media.path)).\(tag).srt")), due: 2099-12-31 }")
    }
    return lines
  }

  /// The media file's path without its ending.
  private func expected(_ path: String) -> String {
    path.lastIndex(of: ".").map { String(path[..<$0]) } ?? path
  }

  /// Letters, digits, `.`, `_` and `-` of the stem, or a number where it has none of them; each once.
  private func identifier(_ stem: String, _ number: Int, _ taken: inout Set<String>) -> String {
    let plain = stem.unicodeScalars.map { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value)
          || "._-".unicodeScalars.contains(scalar))
        ? Character(scalar) : "-"
    }
    let words = String(plain).split(separator: "-").joined(separator: "-").drop { "._-".contains($0) }
    var name = String(words.prefix(60))
    while let last = name.last, "._-".contains(last) { name.removeLast() }
    let counted = "T" + String(repeating: "0", count: max(0, 3 - String(number).count)) + String(number)
    // A name of little but Chinese leaves no more than a digit, which says nothing.
    if name.count < 2
      || JobKeys.reservedNames.contains(name.lowercased().split(separator: ".").first.map(String.init) ?? "")
    {
      name = counted
    }
    if taken.contains(name.lowercased()) { name += "-" + counted }
    taken.insert(name.lowercased())
    return name
  }

  /// The field that a folder's name says, in Chinese or English.
  private func field(of path: String) -> String? {
    let folders = path.split(separator: "/").dropLast().map { $0.lowercased() }
    for (field, words) in NewJob.fields
    where folders.contains(where: { folder in words.contains { folder.contains($0) } }) {
      return field
    }
    return nil
  }

  private static let fields: [(String, [String])] = [
    ("epidemic-prevention", ["epidemic", "疫", "防控", "epi"]),
    ("artificial-intelligence", ["artificial", "人工智能", "ai-", "ai_"]),
    ("higher-education", ["higher", "高等", "大学", "university"]),
    ("vocational-education", ["vocational", "职业", "技能"]),
    ("school-education", ["school", "基础", "中小学", "小学", "中学"]),
  ]

  /// As YAML reads it back: plain where that is safe, else in double quotes as JSON has them.
  private func quoted(_ text: String) -> String {
    let isPlain =
      text.utf8.allSatisfy { $0.isASCIIAlphanumeric || "._-/".utf8.contains($0) }
      && (text.utf8.first?.isASCIILetter ?? false)
      && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    if isPlain || text.hasPrefix("../") && text.utf8.allSatisfy({ $0.isASCIIAlphanumeric || "._-/".utf8.contains($0) })
    {
      return text
    }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let code = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
