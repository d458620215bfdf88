package import FerryCore
internal import FerryFiles
internal import FerryPackage
internal import Foundation

/// Reads every record of the exchange and every key in a home, and names what is damaged; nothing of it can be made anew.
package enum ExchangeReview {
  package struct Damage: Sendable {
    package var path: String
    package var problem: Diagnostic
    /// Whether people keep the file themselves, as they do keys: ferry leaves it where it is.
    package var isTheirs: Bool
  }

  package static func damage(home: String) throws(Refusal) -> [Damage] {
    var found: [Damage] = []
    func check(_ path: String, isTheirs: Bool = false, _ body: () throws(Refusal) -> Void) {
      guard Files.exists(path) else { return }
      do throws(Refusal) { try body() } catch {
        found += error.problems.prefix(1).map { Damage(path: path, problem: $0, isTheirs: isTheirs) }
      }
    }
    check(home + "/key", isTheirs: true) { () throws(Refusal) in _ = try Keys.read(home + "/key") }
    check(home + "/allowed_signers", isTheirs: true) { () throws(Refusal) in
      _ = try AllowedSigners.read(home + "/allowed_signers")
    }
    guard Files.isFolder(home + "/exchange") else { return found }
    for label in try Files.names(in: home + "/exchange") where Files.isFolder(home + "/exchange/" + label) {
      let folder = home + "/exchange/" + label
      let correspondence = try Correspondence(home: home, label: label)
      for name in try Files.names(in: folder) {
        let path = folder + "/" + name
        check(path) { () throws(Refusal) in try correspondence.read(name) }
      }
      guard Files.isFolder(folder + "/receipts") else { continue }
      for name in try Files.names(in: folder + "/receipts") where name.hasSuffix(".json") {
        let path = folder + "/receipts/" + name
        check(path) { () throws(Refusal) in
          let _: Receipt = try ExchangeJSON.decoded(
            try Files.readSmall(path) ?? [], schema: "ferry-receipt/1", file: path)
        }
      }
    }
    return found
  }
}
