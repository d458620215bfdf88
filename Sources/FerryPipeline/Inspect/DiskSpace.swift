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
        throw Diagnostics(
          Diagnostic(
            "out.unusable", at: Place(job.file),
            "the folder '\(folder)' cannot be used: \(String(cString: strerror(error.code.rawValue)))",
            hint: "make it a folder that this user may write, or give another one with --out"))
      }
      if access(folder, W_OK) != 0 {
        throw Diagnostics(
          Diagnostic(
            "out.unusable", at: Place(job.file),
            "the folder '\(folder)' cannot be used: \(String(cString: strerror(errno)))",
            hint: "make it a folder that this user may write, or give another one with --out"))
      }
      var status = statvfs()
      guard statvfs(folder, &status) == 0 else { continue }
      let free = Int(bounded: Double(status.f_bavail) * Double(status.f_frsize))
      if free < needed {
        throw Diagnostics(
          .noSpace(
            at: Place(job.file),
            "not enough space in \(folder): about \(megabytes(needed)) MB are needed, \(megabytes(free)) MB are free",
            hint: "free some space, or give other folders with --home and --out"))
      }
    }
  }

  private static func megabytes(_ bytes: Int) -> Int { bytes / 1_000_000 }
}
