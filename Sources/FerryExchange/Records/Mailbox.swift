internal import FerryBag
internal import FerryCore
internal import FerryFiles
internal import Foundation

/// The folder of a drop that a partner leaves the answers to one delivery in.
package struct Mailbox: Hashable, Sendable {
  package let label: String
  /// As `Delivering.Drop` names it.
  package let drop: String
  let folder: String

  /// Calls `take` with every receipt that is there; what comes from a server lies here only as long as `take` works.
  package func open(_ drop: Delivering.Drop, take: ([Receipt.Letter]) throws -> Void) async throws {
    let place = drop.path(folder)
    switch drop {
    case .folder:
      guard Files.isFolder(self.drop + "/.") else {
        throw Refusal(
          .tryLater, "receipt.no-drop", at: Place(self.drop),
          "packages were sent there, and there is no such folder now",
          hint: "is it on a disk or a server that is not mounted?")
      }
      guard Files.isFolder(place + "/.") else { return try take([]) }
      try take(receipts(among: try Files.names(in: place)).map { .init(place + "/" + $0) })
    case .remote(let remote, _):
      do {
        let files = try await remote.files(in: folder)
        let receipts = receipts(among: Array(files.keys))
        if receipts.isEmpty { return try take([]) }
        let names = receipts.flatMap { [$0, $0 + ".sig"] }.filter { files[$0] != nil }
        if let large = names.first(where: { files[$0] ?? 0 > Files.longestSmallFile }) {
          throw Files.tooLarge(place + "/" + large, files[large] ?? 0)
        }
        try await Files.withScratch { desk in
          try await remote.fetch(names, from: folder, to: desk)
          try take(receipts.map { .init(desk + "/" + $0, name: place + "/" + $0) })
        }
      } catch let problem as Diagnostic { throw Refusal(.tryLater, [problem]) }
    }
  }

  private func receipts(among names: [String]) -> [String] {
    names.filter { $0.hasPrefix(label + "_v") && $0.hasSuffix(Receipt.suffix) && PortableName.flaw(of: $0) == nil }
      .sorted()
  }
}
