package import FerryCore
internal import FerryExchange

/// Every defect with its state.
package struct ListDefects: Operation {
  /// All deliveries where it is empty.
  package var labels: [String]

  package init(labels: [String] = []) { self.labels = labels }

  package func perform(in office: Office) async throws(Refusal) -> Reply<[StandingDefect]> {
    var defects: [StandingDefect] = []
    for one in try office.correspondences(labels) {
      defects += try one.book().entries.map { StandingDefect($0, one.label) }
    }
    return Reply(defects)
  }
}

/// Answers an open defect: a later version fixes it, or it stays, and why.
package struct AnswerDefect: Operation {
  package enum Outcome: Hashable, Sendable {
    /// By that version, or by the newest.
    case fixed(version: Int?)
    case declined(because: String)
  }

  package var label: String
  package var id: String
  package var outcome: Outcome

  package init(label: String, id: String, _ outcome: Outcome) {
    (self.label, self.id, self.outcome) = (label, id, outcome)
  }

  package func perform(in office: Office) async throws(Refusal) -> Reply<StandingDefect> {
    let correspondence = try Correspondence(home: office.home, label: label)
    let entry: DefectBook.Entry
    var delivered: Correspondence.Delivered?
    switch outcome {
    case .fixed(let version):
      let published = try office.published(label)
      let known = try office.refusing { try correspondence.delivered() }
      entry = try office.refusing {
        try correspondence.fix(id, in: version, published: published, sent: known.tickets)
      }
      delivered = known
    case .declined(let reason):
      entry = try office.refusing { try correspondence.decline(id, reason: reason) }
    }
    _ = try office.align(label, delivered: delivered?.versions)
    return Reply(StandingDefect(entry, label))
  }
}

/// The empty lists that a partner fills in.
package enum DefectTemplates {
  package static var csv: String { DefectFile.template }
  package static var json: String { DefectFile.jsonTemplate }
}

/// One defect as it stands.
package struct StandingDefect: Encodable, Sendable {
  package let delivery: String
  /// `open`, `fixed`, `declined` or `closed`.
  package let state: String
  /// The version that fixes it, or whose acceptance closed it.
  package let version: Int?
  /// Why it was declined.
  package let reason: String?
  let defect: Defect
  let seenIn: [Int]

  init(_ entry: DefectBook.Entry, _ label: String) {
    delivery = label
    (state, version, reason) =
      switch entry.state {
      case .open: ("open", nil, nil)
      case .fixed(let version): ("fixed", version, nil)
      case .declined(let reason): ("declined", nil, reason)
      case .closed(let version): ("closed", version, nil)
      }
    (defect, seenIn) = (entry.defect, entry.seenIn)
  }

  package var id: String { defect.id }
  package var severity: String { defect.severity.rawValue }
  package var category: String { defect.category.rawValue }
  package var path: String { defect.path }
  /// Where in its file it is, after the file's name.
  package var placeText: String { defect.placeText }
  package var foundText: String? { defect.foundText }
  package var suggestedText: String? { defect.suggestedText }
  package var note: String? { defect.note }
}
