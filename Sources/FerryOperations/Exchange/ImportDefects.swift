package import FerryCore
internal import FerryExchange
internal import FerryPackage
internal import FerryText

/// Takes in a partner's list of defects: all of it or, with every problem named, nothing.
package struct ImportDefects: Operation {
  /// JSON or CSV.
  package var file: String
  /// The delivery that it is about; where nobody says, the list does.
  package var delivery: String?

  package init(file: String, delivery: String? = nil) { (self.file, self.delivery) = (file, delivery) }

  package func perform(in office: Office) async throws(Refusal) -> Reply<ImportedDefects> {
    let defects = try DefectFile.read(file, converting: converted)
    let (correspondence, delivered) = try office.refusing {
      try addressee(of: defects.map(\.defect), home: office.home)
    }
    let book = try office.refusing { try correspondence.take(defects, delivered: delivered) }
    let titles = try office.align(correspondence.label, delivered: delivered.versions) ?? book.reopenedTitles
    let imported = Set(defects.map(\.defect.id))
    return Reply(
      ImportedDefects(
        delivery: correspondence.label, open: book.open.map(\.defect), titles: titles,
        answered: book.entries.filter { imported.contains($0.defect.id) && $0.state != .open }.map {
          StandingDefect($0, correspondence.label)
        }))
  }

  /// Spreadsheets save CSV in the encoding of the machine; what is not Chinese has to be UTF-8 or UTF-16.
  private func converted(_ bytes: [UInt8]) -> [UInt8]? {
    LanguageTag("zh").flatMap { SpreadsheetText.utf8(bytes, language: $0) }
  }

  /// The delivery that was named, or the only one that fits what the list says best: the very files, or at least their
  /// names. What is wrong with its lines is then said line by line.
  private func addressee(
    of defects: [Defect], home: String
  ) throws -> (Correspondence, Correspondence.Delivered) {
    if let delivery {
      let correspondence = try Correspondence(home: home, label: delivery)
      return (correspondence, try correspondence.delivered())
    }
    let all = try Correspondence.all(home: home).map { ($0, try $0.delivered()) }
    var fitting = all
    let questions: [(Defect, VersionContent) -> Bool] = [
      { defect, version in version.digest(of: defect.path) == defect.assetSha512 },
      { defect, version in version.digest(of: defect.path) != nil },
      { defect, version in version.manifest.lessons.contains { $0.id == defect.lesson } },
    ]
    for question in questions where fitting.count > 1 {
      let better = fitting.filter { _, delivered in
        delivered.versions.contains { version in defects.contains { question($0, version) } }
      }
      if !better.isEmpty { fitting = better }
    }
    if fitting.count == 1 { return fitting[0] }
    if all.isEmpty {
      throw Refusal(
        .usage, "defects.not-sent", at: Place(home), "nothing was delivered from \(home) yet",
        hint: "name the folder that it was delivered from with --home")
    }
    throw Refusal(
      .usage, "defects.which-delivery", at: Place(file),
      "say with --delivery which delivery is meant, of: \(all.map(\.0.label).joined(separator: ", "))")
  }
}

/// What came of a partner's list.
package struct ImportedDefects: Encodable, Sendable {
  package let delivery: String
  let open: [Defect]
  /// Titles that are work again.
  package let titles: [String]
  /// Of those in the list, what a later version fixes, or was answered before.
  package let answered: [StandingDefect]

  package var openCount: Int { open.count }

  private enum CodingKeys: CodingKey { case delivery, open, titles, answered }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(delivery, forKey: .delivery)
    try container.encode(open, forKey: .open)
    try container.encode(titles, forKey: .titles)
    try container.encode(answered.map(\.id), forKey: .answered)
  }
}
