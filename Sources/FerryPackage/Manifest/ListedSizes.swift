package import FerryBag
internal import FerryCore
internal import FerryFiles

/// How large the files of a package may be by its delivery manifest.
package struct ListedSizes {
  private let root: String
  /// Of the files that the delivery manifest lists; `nil` for a bag that ferry did not make.
  private let listed: [String: Int]?

  /// What the bag in folder `root` says of itself; whether it is true is for others to say.
  package init(of root: String) {
    self.root = root
    let file = root + "/" + DeliveryManifest.fileName
    guard let size = FileBytes.size(of: file), size <= FileBytes.longest, let bytes = FileBytes.contents(file) else {
      listed = nil
      return
    }
    do {
      let assets = try DeliveryManifest.decoded(bytes).lessons.flatMap(\.assets)
      listed = Dictionary(assets.map { ($0.path, $0.size) }, uniquingKeysWith: { max($0, $1) })
    } catch {
      listed = nil
    }
  }

  /// The most bytes of a file that are read; `nil` where nobody says. A small file is read and compared, whatever it
  /// should have been.
  package func limit(_ path: BagPath, payloadBytes: Int? = nil) -> Int? {
    guard let listed else { return BagReader.limit(path, payloadBytes) }
    return max(listed[path.text] ?? newBytes(path) ?? 0, FileBytes.longest)
  }

  /// The new bytes of a supplement are as many as its list of ranges says.
  private func newBytes(_ path: BagPath) -> Int? {
    guard let subject = PartList.subject(of: path.text), path.text == PartList.newName(subject) else { return nil }
    do throws(Refusal) { return try PartList.read(root + "/" + PartList.listName(subject)).newCount } catch {
      return nil
    }
  }
}
