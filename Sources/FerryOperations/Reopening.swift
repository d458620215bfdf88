internal import FerryCore
package import FerryExchange
internal import FerryPackage
package import FerryPipeline
package import FerryStore
internal import Foundation

/// Titles that are work again, since a partner found something in them.
package struct Reopening {
  package let workspace: Workspace
  package let store: Store

  package init(workspace: Workspace, store: Store) { (self.workspace, self.store) = (workspace, store) }

  /// Brings the queue in line with the book of defects: a title is reopened while one of its defects is open that the
  /// newest published version does not answer. Answers the words for each such title; `nil` for a delivery of no job.
  /// `delivered` are the versions that were sent, where they were read already.
  package func align(_ label: String, delivered: [VersionContent]? = nil) throws -> [String: String]? {
    guard try store.jobs().contains(where: { $0.label == label }) else { return nil }
    let words = try defects(of: label, delivered)
    try store.note(defects: words, of: label, now: .now())
    return words
  }

  private func defects(of label: String, _ delivered: [VersionContent]?) throws -> [String: String] {
    let correspondence = try Correspondence(home: workspace.home, label: label)
    let book = try correspondence.book()
    if book.open.isEmpty { return [:] }
    var published: VersionContent?
    if let path = try store.versions(of: label).last?.path,
      [DeliveryManifest.fileName, PayloadList.fileName].allSatisfy({
        FileManager.default.fileExists(atPath: path + "/" + $0)
      })
    {
      published = VersionContent(try .read(path))
    }
    let versions = try delivered ?? correspondence.delivered().versions
    let unanswered = book.unanswered(by: published, delivered: versions).map(\.defect)
    return Dictionary(grouping: unanswered.filter { !$0.lesson.isEmpty }, by: \.lesson).mapValues { defects in
      let each = defects.map { "\($0.id) \($0.severity.rawValue) \($0.category.rawValue), \($0.path)\($0.placeText)" }
      return "\(counted(defects.count, "open defect")): \(each.joined(separator: "; "))"
    }
  }
}

extension Office {
  /// The titles of a delivery that are work again, said so in the queue; `nil` where no queue knows the delivery.
  func align(_ label: String, delivered: [VersionContent]? = nil) throws(Refusal) -> [String]? {
    guard hasQueue else { return nil }
    let reopening = Reopening(workspace: workspace, store: try queue())
    return try refusing { try reopening.align(label, delivered: delivered)?.keys.sorted() }
  }

  /// The newest version that was made of a delivery; `nil` where no queue knows one.
  func published(_ label: String) throws(Refusal) -> Int? {
    guard hasQueue else { return nil }
    let store = try queue()
    return try refusing { try store.versions(of: label).last?.version }
  }
}

extension Defect {
  /// Where in its file it is, after the file's name.
  var placeText: String { cue.map { ", cue \($0)" } ?? tStart.map { ", \($0) s" } ?? "" }
}
