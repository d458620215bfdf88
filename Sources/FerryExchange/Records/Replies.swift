internal import FerryCore
internal import FerryFiles
internal import Foundation

/// The folder of a drop that the answers to one package go to.
struct Replies {
  /// Where answers go that no believed ticket wants elsewhere.
  static let usual = "acknowledgements"

  let drop: String
  /// Name of the package's folder.
  let bag: String
  /// The folder's path within the drop.
  let folder: String
  let key: SigningKey

  func path(_ stage: Receipt.Stage) -> String { "\(drop)/\(folder)/\(Receipt.fileName(bag, stage))" }

  func makeFolder() throws(Refusal) { try Files.makePlainFolder(folder, below: drop) }

  /// The receipt that is there, if it is ours and whole.
  func before(_ stage: Receipt.Stage) throws -> Receipt? {
    let path = path(stage)
    guard Files.exists(path), Files.exists(path + ".sig") else { return nil }
    let own = AllowedSigners([.init(names: ["own"], key: key.publicKey)])
    do {
      return try Receipt.read(.init(path), keys: own).receipt
    } catch {
      // A kill between the two files, or somebody else's: ours is written anew.
      if error.kind == .notTrusted || error.kind == .invalid { return nil }
      throw error
    }
  }
}
