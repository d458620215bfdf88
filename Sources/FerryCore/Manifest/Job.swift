/// One manifest: one delivery to one partner.
package struct Job: Equatable, Sendable {
  /// The job file as it was named on the command line.
  package var file: String
  package var delivery: String
  package var partner: Partner
  package var sender: Sender
  package var profile: Profile
  /// The path of the profile's file; `nil` for a built-in one.
  package var profileFile: String?
  package var language: LanguagePair
  package var licence: String
  /// What tracks are held against, where it is not their language's default.
  package var textRules: [LanguageTag: TextProfile]
  /// Terms and their translations, in CSV.
  package var glossary: FileReference?
  /// Rules whose findings are taken as they are in every title.
  package var waivers: [Waiver]
  package var titles: [Title]

  package init(
    file: String, delivery: String, partner: Partner, sender: Sender, profile: Profile, language: LanguagePair,
    licence: String, textRules: [LanguageTag: TextProfile] = [:], glossary: FileReference? = nil,
    waivers: [Waiver] = [], titles: [Title]
  ) {
    self.file = file
    self.delivery = delivery
    self.partner = partner
    self.sender = sender
    self.profile = profile
    self.language = language
    self.licence = licence
    self.textRules = textRules
    self.glossary = glossary
    self.waivers = waivers
    self.titles = titles
  }

  /// Who receives the delivery.
  package struct Partner: Hashable, Sendable, Codable {
    package var id: String
    package var name: String
    package var contact: String

    package init(id: String, name: String, contact: String) {
      self.id = id
      self.name = name
      self.contact = contact
    }
  }

  /// Who sends it.
  package struct Sender: Hashable, Sendable, Codable {
    package var name: String
    package var contact: String

    package init(name: String, contact: String) {
      self.name = name
      self.contact = contact
    }
  }

  /// The language filmed in, and the languages every title is delivered in.
  package struct LanguagePair: Hashable, Sendable, Codable {
    package var source: LanguageTag
    package var deliver: [LanguageTag]

    package init(source: LanguageTag, deliver: [LanguageTag]) {
      self.source = source
      self.deliver = deliver
    }
  }
}

/// One video of a job.
package struct Title: Equatable, Sendable {
  package var id: String
  package var field: String
  package var name: [LanguageTag: String]
  package var source: FileReference
  /// In the order of the job file.
  package var subtitles: [SubtitleFile]
  /// Set only where it is not the job's.
  package var licence: String?
  /// Whom the licence wants named.
  package var credit: String?
  /// Faults of the source that are taken as they are.
  package var tolerances: Set<Tolerance>
  /// Rules of timed text whose findings are taken as they are.
  package var waivers: [Waiver]
  package var place: Place

  package init(
    id: String, field: String, name: [LanguageTag: String], source: FileReference, subtitles: [SubtitleFile],
    licence: String? = nil, credit: String? = nil, tolerances: Set<Tolerance> = [], waivers: [Waiver] = [], place: Place
  ) {
    self.id = id
    self.field = field
    self.name = name
    self.source = source
    self.subtitles = subtitles
    self.licence = licence
    self.credit = credit
    self.tolerances = tolerances
    self.waivers = waivers
    self.place = place
  }
}

/// A file that a job names: as written, where it leads, and where it is written.
package struct FileReference: Hashable, Sendable {
  package var written: String
  /// Resolved against the job file's folder, with `.` and `..` folded.
  package var path: String
  package var place: Place

  package init(written: String, path: String, place: Place) {
    self.written = written
    self.path = path
    self.place = place
  }

  /// The file's name, without a folder.
  package var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

/// One track's file, and who owes it if it is not there yet.
package struct SubtitleFile: Hashable, Sendable {
  package var language: LanguageTag
  /// The source, for a track that it holds itself.
  package var file: FileReference
  /// The source's stream that holds the track; `nil` for a file of its own.
  package var stream: Int?
  /// Set only where the job forces an encoding.
  package var encoding: TextEncoding?
  package var due: Day?
  package var translator: String?

  package init(
    language: LanguageTag, file: FileReference, stream: Int? = nil, encoding: TextEncoding? = nil, due: Day? = nil,
    translator: String? = nil
  ) {
    self.language = language
    self.file = file
    self.stream = stream
    self.encoding = encoding
    self.due = due
    self.translator = translator
  }
}

/// A calendar day, `2026-12-01`.
package struct Day: Hashable, Sendable {
  package let year: Int
  package let month: Int
  package let day: Int

  /// Reads ISO 8601 `YYYY-MM-DD`; `nil` for anything else, days that do not exist included.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy(\.isASCIIDigit) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month)
    else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...lengths[month - 1]).contains(day) else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }
}

extension Day: Comparable, CustomStringConvertible {
  package static func < (a: Day, b: Day) -> Bool { (a.year, a.month, a.day) < (b.year, b.month, b.day) }

  package var description: String {
    "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}
