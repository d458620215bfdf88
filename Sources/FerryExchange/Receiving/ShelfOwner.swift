internal import FerryCore
internal import FerryFiles
internal import FerryPackage
internal import Foundation

/// Whose versions a shelf of a store holds, in `STORE/LABEL/sender.json`: of several senders that are believed, only this
/// one goes on with the delivery.
///
/// A sender is a name of the list of known keys. With a new key under the same name they stay who they are, and so they
/// do when the name is changed and the key is not.
struct ShelfOwner: Hashable, Codable {
  static let fileName = "sender.json"
  private static let known = "ferry-shelf/1"

  var schema = ShelfOwner.known
  var delivery: String
  var names: [String]
  /// As in the list of known keys.
  var key: String

  init(delivery: String, _ signer: AllowedSigners.Signer) {
    (self.delivery, names, key) = (delivery, signer.names, signer.key.text)
  }

  /// `nil` before the first version.
  static func read(_ shelf: String) throws(Refusal) -> ShelfOwner? {
    let path = shelf + "/" + fileName
    guard let bytes = try Files.readSmall(path) else { return nil }
    return try ExchangeJSON.decoded(bytes, schema: known, file: path)
  }

  func write(_ shelf: String) throws {
    try Files.replace(shelf + "/" + ShelfOwner.fileName, ExchangeJSON.encoded(self))
  }

  func isSame(as signer: AllowedSigners.Signer) -> Bool {
    key == signer.key.text || !Set(names).isDisjoint(with: signer.names)
  }
}
