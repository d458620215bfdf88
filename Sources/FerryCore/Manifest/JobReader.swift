/// Turns a document into a job, or says everything that is wrong with it.
package enum JobReader {
  /// Reads the format of version 1; paths are resolved against the folder of `document.file`. Files are not looked at.
  ///
  /// `profile` reads the profile file at a path; without it only built-in profiles are known.
  package static func read(
    _ document: Document, profile: ((String) throws(Diagnostics) -> Profile)? = nil
  ) throws(Diagnostics) -> Job {
    var reading = JobReading(document, profile)
    let job = reading.job()
    let problems = reading.reader.problems.sorted { $0.place < $1.place }
    if problems.isEmpty, let job { return job }
    throw Diagnostics(
      problems.isEmpty ? [Diagnostic("job.unreadable", at: Place(document.file), "the job cannot be read")] : problems)
  }
}

/// One document being read.
struct JobReading {
  private let document: Document
  var reader: DocumentReader
  private let folder: String
  /// What was used already, and where: ids in small letters, files by their path.
  private var ids: [String: (id: String, place: Place)] = [:]
  private var files: [String: Place] = [:]

  private let profileFile: ((String) throws(Diagnostics) -> Profile)?
  private var profilePath: String?

  init(_ document: Document, _ profileFile: ((String) throws(Diagnostics) -> Profile)?) {
    self.document = document
    self.profileFile = profileFile
    reader = DocumentReader(file: document.file)
    folder = FilePaths.folder(of: document.file)
  }

  mutating func job() -> Job? {
    guard let fields = reader.mapping(document.root, "the job", keys: JobKeys.job) else { return nil }
    readVersion(fields["ferry"])
    let delivery = identifier(fields["delivery"], "the delivery label", example: "OUC-2026-0007")
    let partner = readPartner(fields["partner"])
    let sender = readSender(fields["sender"])
    let profile = readProfile(fields["profile"])
    let language = readLanguages(fields["language"])
    let licence = readLicence(fields["licence"])
    let textRules = readTextRules(fields["text-rules"])
    let glossary = fields["glossary"].flatMap { file($0, "the glossary") }
    let waivers = readWaivers(fields["waive"])
    let items = reader.list(fields["titles"], "'titles'", hint: "begin each title with a dash: - id: EPI-001")
    var titles: [Title] = []
    for item in items {
      if let title = readTitle(item, language) { titles.append(title) }
    }
    guard let delivery, let partner, let sender, let profile, let language, let licence else { return nil }
    var job = Job(
      file: document.file, delivery: delivery, partner: partner, sender: sender, profile: profile,
      language: language, licence: licence, textRules: textRules, glossary: glossary, waivers: waivers, titles: titles)
    job.profileFile = profilePath
    return job
  }

  private mutating func readVersion(_ node: Node?) {
    guard let node, let text = reader.text(node, "the format's version") else { return }
    if text != "1" {
      reader.error(
        "version", at: node, "this ferry reads version 1 of the job format, the file says '\(text)'",
        hint: "write ferry: 1")
    }
  }

  private mutating func readPartner(_ node: Node?) -> Job.Partner? {
    guard let node, let fields = reader.mapping(node, "the partner", keys: JobKeys.partner) else { return nil }
    let id = identifier(fields["id"], "the partner's id", example: "unesco-iite")
    let name = reader.text(fields["name"], "the partner's name")
    let contact = reader.text(fields["contact"], "the partner's contact")
    guard let id, let name, let contact else { return nil }
    return Job.Partner(id: id, name: name, contact: contact)
  }

  private mutating func readSender(_ node: Node?) -> Job.Sender? {
    guard let node, let fields = reader.mapping(node, "the sender", keys: JobKeys.sender) else { return nil }
    let name = reader.text(fields["name"], "the sender's name")
    let contact = reader.text(fields["contact"], "the sender's contact")
    guard let name, let contact else { return nil }
    return Job.Sender(name: name, contact: contact)
  }

  private mutating func readProfile(_ node: Node?) -> Profile? {
    guard let node, let name = reader.text(node, "the profile") else { return nil }
    if let profile = Profile.builtIn[name] { return profile }
    let isFile = name.contains("/") || [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
    if isFile, let profileFile {
      do throws(Diagnostics) {
        let path = FilePaths.resolved(name, against: folder)
        profilePath = path
        return try profileFile(path)
      } catch {
        reader.add(error.all)
        return nil
      }
    }
    let known = Profile.builtIn.keys.sorted()
    let near = suggestion(for: name, among: known)
    reader.error(
      "profile", at: node, "there is no profile '\(name)'",
      hint: near.map { "did you mean '\($0)'?" }
        ?? "the profiles are: \(known.joined(separator: ", ")), or a file of your own, such as campus.yaml")
    return nil
  }

  private mutating func readLicence(_ node: Node?) -> String? {
    guard let node, let text = reader.text(node, "the licence") else { return nil }
    if text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-.+".contains($0)) }) { return text }
    reader.error(
      "licence", at: node, "'\(text)' is no licence identifier", hint: "write its SPDX name, such as CC-BY-4.0")
    return nil
  }

  private mutating func readLanguages(_ node: Node?) -> Job.LanguagePair? {
    guard let node, let fields = reader.mapping(node, "'language'", keys: JobKeys.language) else { return nil }
    let source = fields["source"].flatMap { languageTag($0, "the source language") }
    var deliver: [LanguageTag] = []
    for item in reader.list(fields["deliver"], "'deliver'", hint: "write the languages in brackets: [en]") {
      guard let tag = languageTag(item, "the language to deliver") else { continue }
      if deliver.contains(tag) {
        reader.error("duplicate-language", at: item, "'\(tag)' is asked for twice", hint: "keep one of the two")
      } else {
        deliver.append(tag)
      }
    }
    guard let source, !deliver.isEmpty else { return nil }
    return Job.LanguagePair(source: source, deliver: deliver)
  }

  // Titles, one by one and then all together.

  private mutating func readTitle(_ node: Node, _ languages: Job.LanguagePair?) -> Title? {
    guard let fields = reader.mapping(node, "a title", keys: JobKeys.title) else { return nil }
    let id = identifier(fields["id"], "the title's id")
    if let id, let node = fields["id"] { claim(id, at: node) }
    let field = readField(fields["field"])
    let name = readName(fields["name"], languages)
    let source = fields["source"].flatMap { file($0, "the source") }
    let subtitles = readSubtitles(fields["subtitles"], languages, source)
    let licence = readLicence(fields["licence"])
    let credit = reader.text(fields["credit"], "the credit")
    let tolerances = readTolerances(fields["tolerate"])
    let waivers = readWaivers(fields["waive"])
    guard let id, let field, let source else { return nil }
    return Title(
      id: id, field: field, name: name, source: source, subtitles: subtitles, licence: licence,
      credit: credit, tolerances: tolerances, waivers: waivers, place: reader.place(fields["id"] ?? node))
  }

  /// One word or a list of them.
  private mutating func readTolerances(_ node: Node?) -> Set<Tolerance> {
    guard let node else { return [] }
    let known = Tolerance.allCases.map(\.rawValue)
    let hint = "write what is taken as it is: [\(known.joined(separator: ", "))]"
    var items = [node]
    if case .scalar = node.value {} else { items = reader.list(node, "'tolerate'", hint: hint) }
    return Set(
      items.compactMap { item in
        guard let text = reader.text(item, "the fault to tolerate") else { return nil }
        if let tolerance = Tolerance(rawValue: text) { return tolerance }
        reader.error(
          "tolerate", at: item, "ferry knows no fault '\(text)' to tolerate",
          hint: suggestion(for: text, among: known).map { "did you mean '\($0)'?" } ?? hint)
        return nil
      })
  }

  private mutating func readField(_ node: Node?) -> String? {
    guard let node, let text = reader.text(node, "the field") else { return nil }
    let isSlug = text.utf8.allSatisfy { $0.isASCIIDigit || (0x61...0x7A).contains($0) || $0 == 0x2D }
    if isSlug && !text.hasPrefix("-") { return text }
    reader.error(
      "field", at: node, "the field '\(text)' must be small letters, digits and hyphens",
      hint: "write for example epidemic-prevention or school-education")
    return nil
  }

  private mutating func readName(_ node: Node?, _ languages: Job.LanguagePair?) -> [LanguageTag: String] {
    guard let node, !reader.isNothing(node, "the name") else { return [:] }
    guard case .mapping(let pairs) = node.value else {
      reader.error(
        "wrong-kind", at: node, "the name must be given by language, not as \(reader.kind(of: node))",
        hint: "write name: { zh-Hans: 科学佩戴口罩, en: Wearing a mask the right way }")
      return [:]
    }
    var names: [LanguageTag: String] = [:]
    var given: [LanguageTag: Node] = [:]
    // A language that is not understood may be the one that seems to be missing.
    var isUnclear = false
    for (key, value) in pairs {
      guard let tag = languageTag(key, "the name's language") else {
        isUnclear = true
        continue
      }
      let text = reader.text(value, "the \(tag) name")
      if let earlier = given[tag] {
        reader.error(
          "duplicate-language", at: key, "there are two \(tag) names, the first in \(reader.spot(earlier))",
          hint: "keep one of the two")
      } else {
        given[tag] = key
        names[tag] = text
      }
    }
    let wanted = languages.map { [$0.source] + $0.deliver } ?? []
    for tag in Set(wanted).sorted() where given[tag] == nil && !isUnclear {
      reader.error(
        "name-missing", at: node, "the title has no \(tag) name", hint: "add \(tag): and its name in that language")
    }
    return names
  }

  /// Ids name folders, and some systems see no difference between `EPI-001` and `epi-001`.
  private mutating func claim(_ id: String, at node: Node) {
    guard let other = ids[id.lowercased()] else {
      ids[id.lowercased()] = (id, reader.place(node))
      return
    }
    let how = other.id == id ? "" : ", which differs only in letter case from '\(other.id)',"
    reader.error(
      "duplicate-id", at: node, "the id '\(id)'\(how) is used already, in \(reader.spot(other.place))",
      hint: "ids name the folders of the package: give each title its own")
  }

  // Values that occur in several places.

  private mutating func identifier(_ node: Node?, _ what: String, example: String = "EPI-001") -> String? {
    guard let node, let text = reader.text(node, what) else { return nil }
    let isPlain = text.utf8.allSatisfy { $0.isASCIIAlphanumeric || "._-".utf8.contains($0) }
    let stem = text.split(separator: ".").first.map { $0.lowercased() } ?? ""
    let fault: String? =
      if !isPlain || text.utf8.first.map({ !$0.isASCIIAlphanumeric }) ?? true {
        "must be letters A to Z, digits, '.', '_' and '-', and begin with a letter or digit"
      } else if text.hasSuffix(".") {
        "must not end with a dot, which Windows drops from names"
      } else if JobKeys.reservedNames.contains(stem) {
        "is a name that Windows keeps for devices"
      } else if text.utf8.count > JobKeys.identifierLimit {
        "has more than \(JobKeys.identifierLimit) characters"
      } else {
        nil
      }
    guard let fault else { return text }
    reader.error(
      "id", at: node, "\(what) '\(text)' \(fault)",
      hint: "it becomes a name of folders and files; write for example \(example)")
    return nil
  }

  mutating func languageTag(_ node: Node, _ what: String) -> LanguageTag? {
    guard let text = reader.text(node, what) else { return nil }
    let guess: String?
    if let tag = LanguageTag(text) {
      guard let shorter = tag.registered else { return tag }
      guess = shorter.text
    } else {
      let common = [
        "english": "en", "chinese": "zh-Hans", "mandarin": "zh-Hans", "french": "fr", "russian": "ru",
        "spanish": "es", "arabic": "ar", "中文": "zh-Hans", "汉语": "zh-Hans", "英文": "en", "英语": "en",
      ]
      guess = common[text.lowercased()] ?? LanguageTag(text.replacing("_", with: "-"))?.text
    }
    reader.error(
      "language", at: node, "\(what) '\(text)' is no language tag",
      hint: guess.map { "write \($0)" } ?? "write a BCP 47 tag, such as en, zh-Hans or pt-BR")
    return nil
  }

  mutating func file(_ node: Node, _ what: String) -> FileReference? {
    guard let text = reader.text(node, what) else { return nil }
    let hint: String? =
      if text.contains("://") {
        "ferry fetches nothing: download the file and name it here"
      } else if text.hasPrefix("~") {
        "'~' is the shell's word: write the folder in full"
      } else if text.contains("\\") {
        "write folders with '/', also on Windows"
      } else if text.utf8.dropFirst().first == 0x3A, text.utf8.first.map(\.isASCIILetter) ?? false {
        "drive letters are Windows' own: name the file from the job's folder on, such as ../videos/EPI-001.mp4"
      } else if text.hasSuffix("/") || [".", ".."].contains(text.split(separator: "/").last) {
        "name a file, not a folder"
      } else {
        nil
      }
    if let hint {
      reader.error("path", at: node, "\(what) '\(text)' is no path of a file here", hint: hint)
      return nil
    }
    let path = FilePaths.resolved(text, against: folder)
    if let earlier = files[path] {
      reader.error(
        "file-twice", at: node, "\(what) '\(text)' is used already, in \(reader.spot(earlier))",
        hint: "each title and each track has a file of its own: name the right one")
    } else {
      files[path] = reader.place(node)
    }
    return FileReference(written: text, path: path, place: reader.place(node))
  }
}

/// Paths as text: nothing is looked up.
enum FilePaths {
  static func folder(of file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }

  /// Joins a relative path to a folder and folds `.` and `..`; a path that begins with `/` stays by itself.
  static func resolved(_ path: String, against folder: String) -> String {
    let whole = path.hasPrefix("/") ? path : folder + "/" + path
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !whole.hasPrefix("/") {
        parts.append(part)
      }
    }
    let joined = parts.joined(separator: "/")
    return whole.hasPrefix("/") ? "/" + joined : joined.isEmpty ? "." : joined
  }
}
