package import FerryCore
internal import FerryPipeline
internal import FerryRules
internal import FerryYAML
internal import Foundation

/// Reads job files as the commands name them.
package enum JobFile {
  /// Reads one job, or throws everything that is wrong with it.
  package static func read(_ path: String) throws(Diagnostics) -> Job {
    let document = try Document.reading(bytes: try bytes(of: path, what: "job"), file: path)
    let job = try JobReader.read(document) { (path) throws(Diagnostics) in try profile(path) }
    var problems = EncoderCheck.problems(of: job)
    if let glossary = job.glossary {
      do throws(Diagnostics) { _ = try Glossary.read(glossary) } catch { problems += error.all }
    }
    if !problems.isEmpty { throw Diagnostics(problems) }
    return job
  }

  /// Reads a profile file.
  package static func profile(_ path: String) throws(Diagnostics) -> Profile {
    try ProfileReader.read(try Document.reading(bytes: try bytes(of: path, what: "profile"), file: path))
  }

  private static func bytes(of path: String, what: String) throws(Diagnostics) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      let reason = (error as? CocoaError)?.code == .fileReadNoSuchFile ? "does not exist" : "cannot be read"
      throw Diagnostics(
        Diagnostic(
          what + ".unreadable", at: Place(path), "the \(what) file \(reason)",
          hint: what == "job"
            ? "name a job such as jobs/ouc-2020.yaml"
            : "paths are relative to the job file's folder; `ferry profiles web > campus.yaml` makes one to begin from")
      )
    }
  }

  /// All jobs that can be read and the problems of those that cannot.
  package static func readAll(_ paths: [String]) -> (jobs: [Job], problems: [Diagnostic]) {
    var jobs: [Job] = []
    var problems: [Diagnostic] = []
    for path in paths {
      do throws(Diagnostics) { jobs.append(try read(path)) } catch { problems += error.all }
    }
    return (jobs, problems)
  }
}

/// Job files as a command line names them: files, and folders with all their `*.yaml`.
package enum JobPaths {
  /// Whether a word names a job file; otherwise it may be the label of a job in the queue.
  package static func isFile(_ word: String) -> Bool {
    word.contains("/") || word.contains(".yaml") || FileManager.default.fileExists(atPath: word)
  }

  package static func expanded(_ paths: [String]) throws -> [String] {
    try paths.flatMap { path in
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
        return [path]
      }
      let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !$0.hasPrefix(".") }
      if names.isEmpty {
        throw Refusal(
          .badInput, "job.none", at: Place(path), "the folder has no job files",
          hint: "a job's name ends in .yaml; name its folder itself, since folders in folders are not looked into")
      }
      return names.sorted().map { folder + "/" + $0 }
    }
  }
}
