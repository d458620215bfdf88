package import FerryBag
package import FerryCore
internal import FerryFiles
internal import Foundation

/// A bag and, when ferry made it, its delivery manifest: everything that is known of a package without opening media.
package struct PackageCheck: Sendable {
  package let bag: BagReport
  /// `nil` for a bag that ferry did not make, and where it cannot be read.
  package private(set) var manifest: DeliveryManifest?
  /// Everything wrong, the bag's own problems first.
  package private(set) var problems: [Diagnostic]

  package init(of path: String) { self.init(BagReader.report(of: path, limit: ListedSizes(of: path).limit), path) }

  /// `journal` is a file that lets a killed reading of the digests go on.
  package init(of path: String, resuming journal: String) throws(Diagnostics) {
    self.init(try BagReader.report(of: path, resuming: journal, limit: ListedSizes(of: path).limit), path)
  }

  private init(_ bag: BagReport, _ path: String) {
    self.bag = bag
    problems = bag.problems
    let file = path + "/" + DeliveryManifest.fileName
    // A link or a device in its place was named already.
    guard Files.isFile(file) else { return }
    if let size = FileBytes.size(of: file), size > FileBytes.longest {
      if !problems.contains(where: { $0.place.file == DeliveryManifest.fileName && $0.fault == .tooLarge }) {
        problems.append(
          Diagnostic(
            "bag.too-large", at: Place(DeliveryManifest.fileName), "it has \(size) bytes, too many for what it is",
            hint: "copy the package again, or ask the sender for this file", fault: .tooLarge))
      }
      return
    }
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(file, followingLinks: false)
    } catch {
      // Said already, where a tag manifest lists it.
      if !bag.problems.contains(where: { $0.place.file == DeliveryManifest.fileName && $0.fault == .unreadable }) {
        problems.append(
          Diagnostic(
            "bag.unreadable", at: Place(DeliveryManifest.fileName), "it cannot be read: \(error)",
            hint: "check its permissions", fault: .unreadable))
      }
      return
    }
    do throws(Refusal) {
      let manifest: DeliveryManifest = try ExchangeJSON.decoded(
        bytes, schemas: DeliveryManifest.schemas, file: DeliveryManifest.fileName)
      self.manifest = manifest
      problems += differences(manifest, path)
    } catch {
      problems += error.problems
    }
  }

  /// What the delivery manifest adds: nothing of files that were said to be missing, or to be none.
  private func differences(_ manifest: DeliveryManifest, _ path: String) -> [Diagnostic] {
    let errors = problems.filter { $0.severity == .error }
    let gone = Set(
      errors.filter { [.missing, .special, .unreadable, .tooLarge].contains($0.fault) }.map(\.place.file))
    return ManifestCheck.problems(of: manifest, bag: path, unsound: Set(errors.map(\.place.file)))
      .filter { !gone.contains($0.place.file) }
  }
}
