import ArgumentParser
import FerryCore
import FerryExchange
import FerryPackage
import FerryPipeline
import FerryStore
import Foundation

/// Titles that are work again, since a partner found something in them.
struct Reopening {
  let workspace: Workspace
  let store: Store

  /// The titles of a delivery that are work again, said so in the queue; `nil` where no queue knows the delivery.
  static func align(_ label: String, home: String) throws -> [String]? {
    let workspace = Workspace(home: home)
    guard FileManager.default.fileExists(atPath: QueueAccess.path(workspace)) else { return nil }
    let reopening = Reopening(workspace: workspace, store: try QueueAccess.open(workspace))
    do {
      return try ExchangeAccess.saying { try reopening.align(label)?.keys.sorted() }
    } catch let error as StoreError {
      Terminal.say([error.diagnostic])
      throw error.isTemporary ? ExitCode.tryLater : ExitCode.badInput
    }
  }

  /// The newest version that was made of a delivery; `nil` where no queue knows one.
  static func published(_ label: String, home: String) throws -> Int? {
    let workspace = Workspace(home: home)
    guard FileManager.default.fileExists(atPath: QueueAccess.path(workspace)) else { return nil }
    let store = try QueueAccess.open(workspace)
    return try QueueAccess.saying { () throws(StoreError) in try store.versions(of: label).last?.version }
  }

  /// Brings the queue in line with the book of defects: a title is reopened while one of its defects is open that the
  /// newest published version does not answer. Answers the words for each such title; `nil` for a delivery of no job.
  func align(_ label: String) throws -> [String: String]? {
    guard try store.jobs().contains(where: { $0.label == label }) else { return nil }
    let words = try defects(of: label)
    try store.note(defects: words, of: label, now: .now())
    return words
  }

  private func defects(of label: String) throws -> [String: String] {
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
    let unanswered = book.unanswered(by: published, delivered: try correspondence.contents()).map(\.defect)
    return Dictionary(grouping: unanswered.filter { !$0.lesson.isEmpty }, by: \.lesson).mapValues { defects in
      let each = defects.map { "\($0.id) \($0.severity.rawValue) \($0.category.rawValue), \($0.path)\($0.placeText)" }
      return "\(counted(defects.count, "open defect")): \(each.joined(separator: "; "))"
    }
  }
}

extension Defect {
  /// Where in its file it is, after the file's name.
  var placeText: String { cue.map { ", cue \($0)" } ?? tStart.map { ", \($0) s" } ?? "" }
}
