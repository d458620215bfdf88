internal import FerryCore
internal import FerryPipeline
internal import Foundation

/// A file that is made for a person; it never takes the place of another.
enum NewFile {
  /// Writes it, or says why not under a code such as `convert.exists`.
  static func write(_ text: String, to target: String, for operation: String) throws(Refusal) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: target), options: .withoutOverwriting)
    } catch {
      throw refusal(error, target, operation)
    }
  }

  private static func refusal(_ error: any Error, _ target: String, _ operation: String) -> Refusal {
    let folder = URL(fileURLWithPath: target).deletingLastPathComponent().path
    if error.isNoSpace {
      return Refusal(
        .noSpace, "disk.full", at: Place(target), "no space is left on the disk",
        hint: "free some space, remove what there is of the file, and try again")
    }
    if (error as? CocoaError)?.code == .fileWriteFileExists {
      return Refusal(
        .badInput, "\(operation).exists", at: Place(target), "the file exists already, and is not written over",
        hint: "name another one with --output")
    }
    if !FileManager.default.fileExists(atPath: folder) {
      return Refusal(
        .badInput, "\(operation).folder", at: Place(target), "the folder \(folder) does not exist",
        hint: "make it first")
    }
    return Refusal(
      .badInput, "\(operation).unwritable", at: Place(target),
      "the file cannot be written: \(error.localizedDescription)", hint: "check the folder and its permissions")
  }
}
