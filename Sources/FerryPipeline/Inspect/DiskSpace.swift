internal import FerryCore
internal import Foundation

/// Whether a job is likely to fit on the disk.
enum DiskSpace {
  /// What is left free whatever happens.
  private static let reserve = 200_000_000

  /// Throws before any work when the renditions and the package would not fit.
  static func refuseIfScarce(_ plan: Plan, workspace: Workspace, out: String, _ job: Job) throws {
    let needed = (plan.titles.flatMap(\.steps).map(\.bytes) + [reserve]).saturatedSum
    for folder in [try workspace.folder(""), out] {
      do { try FileTree.makeFolder(folder) } catch let error as POSIXError {
        throw unusable(folder, error.code.rawValue, job)
      }
      if access(folder, W_OK) != 0 { throw unusable(folder, errno, job) }
      var status = statvfs()
      guard statvfs(folder, &status) == 0 else { continue }
      let free = Int(bounded: Double(status.f_bavail) * Double(status.f_frsize))
      if free < needed {
        throw Refusal(
          .noSpace, "disk.full", at: Place(job.file),
          "not enough space in \(folder): about \(readable(bytes: needed)) are needed, \(readable(bytes: free)) are free",
          hint: "free some space, or give other folders with --home and --out")
      }
    }
  }

  private static func unusable(_ folder: String, _ code: Int32, _ job: Job) -> Refusal {
    Refusal(
      code == ENOSPC || code == EDQUOT ? .noSpace : .badInput, "out.unusable", at: Place(job.file),
      "the folder '\(folder)' cannot be used: \(String(cString: strerror(code)))",
      hint: "make it a folder that this user may write, or give another one with --out")
  }
}
