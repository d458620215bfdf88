import FerryCore
import FerryPipeline
import FerryYAML
import Foundation

/// Reads job files as the commands name them.
enum JobFile {
  /// Reads one job, or throws everything that is wrong with it.
  static func read(_ path: String) throws(Diagnostics) -> Job {
    try JobReader.read(try Document.reading(bytes: try bytes(of: path), file: path))
  }

  private static func bytes(of path: String) throws(Diagnostics) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      let reason = (error as? CocoaError)?.code == .fileReadNoSuchFile ? "does not exist" : "cannot be read"
      throw Diagnostics(
        Diagnostic(
          "job.unreadable", at: Place(path), "the job file \(reason)", hint: "name a job such as jobs/ouc-2020.yaml"))
    }
  }

  /// All jobs that can be read and the problems of those that cannot.
  static func readAll(_ paths: [String]) -> (jobs: [Job], problems: [Diagnostic]) {
    var jobs: [Job] = []
    var problems: [Diagnostic] = []
    for path in paths {
      do throws(Diagnostics) { jobs.append(try read(path)) } catch { problems += error.all }
    }
    return (jobs, problems)
  }
}
