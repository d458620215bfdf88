internal import FerryCore

/// What a receipt says of a package that is refused: its files, what to send again and what to remove.
struct Faults {
  /// The receiver's own paths are in none of it.
  let files: [Receipt.File]
  let resend: [String]
  let message: String

  init(_ error: Refusal, _ package: IncomingPackage) {
    var known: Set<[String]> = []
    let files = error.problems.compactMap { Receipt.File($0, package) }
      .filter { known.insert([$0.path, $0.status.rawValue]).inserted }
    let wanted = files.filter { $0.status == .missing || $0.status == .mismatched }
    let isLost = error.problems.contains { $0.fault == .missingPackage }
    resend = isLost ? package.everything : Set(wanted.map(\.path)).sorted()
    self.files = files
    let strangers = Set(files.filter { $0.status == .unexpected || $0.status == .refused }.map(\.path)).sorted()
    // Sums over the whole are wrong because files are; the files say more.
    let words =
      [wanted.first?.message, Faults.removal(strangers)].compactMap(\.self).joined(separator: "; ")
    message = words.isEmpty ? package.shareable(error.problems[0].message) : words
  }

  private static let longestList = 5

  private static func removal(_ paths: [String]) -> String? {
    if paths.isEmpty { return nil }
    let rest = paths.count - longestList
    return "to be removed from the package: " + paths.prefix(longestList).joined(separator: ", ")
      + (rest > 0 ? " and \(rest) more" : "")
  }

  func counts(of ticket: Ticket) -> Receipt.Counts {
    var counts = Receipt.Counts()
    counts.expected = ticket.files
    counts.missing = files.count { $0.status == .missing }
    counts.mismatched = files.count { $0.status == .mismatched }
    counts.unexpected = files.count { $0.status == .unexpected || $0.status == .refused }
    let spoilt = Set(files.filter { $0.status == .missing || $0.status == .mismatched }.map(\.path))
    counts.ok =
      resend == [Supplement.wholePayload] ? 0 : max(0, ticket.files - spoilt.count { $0.hasPrefix("data/") })
    return counts
  }
}

extension Receipt.File {
  /// A diagnostic that speaks of one file of the package.
  fileprivate init?(_ diagnostic: Diagnostic, _ package: IncomingPackage) {
    guard diagnostic.severity == .error else { return nil }
    let status: Status? =
      switch diagnostic.fault {
      case .missing, .missingList: .missing
      case .mismatched: .mismatched
      case .unexpected: .unexpected
      case .special, .unsafeName: .refused
      case .missingPackage, .unreadable, .tooLarge, .empty, nil: nil
      }
    guard let status else { return nil }
    self.init(
      path: package.shareable(diagnostic.place.file), status: status, message: package.shareable(diagnostic.message))
  }
}

extension Receipt {
  /// Nothing arrived, so that no file can be named.
  package var asksForEverything: Bool { resend == [Supplement.wholePayload] }
}
