package import FerryCore
internal import FerryExchange
internal import Foundation

extension Workspace {
  /// Reads every record of the home and answers what is damaged, each record once; with the right to repair, it is
  /// rebuilt or set aside. Packages are looked for below `out`.
  package func review(out: String) throws -> [Diagnostic] {
    for name in try publishedNames() {
      let label = name.split(separator: "_v").dropLast().joined(separator: "_v")
      _ = try published(name, package: "\(out)/\(label)/\(name)")
    }
    for name in try names("renditions") { _ = try kept(StepKey(digest: name)) }
    _ = try records()
    for label in try names("last") {
      for title in try names("last/" + label, suffix: ".json") { _ = try lastInputs(label, title) }
    }
    for name in try names("scratch") where !name.contains(HomeRecord.damaged) {
      _ = scratchPath("\(home)/scratch/\(name)")
    }
    return try damage.diagnostics + exchange()
  }

  /// Names in a folder of the home, without a suffix that all of them must have.
  private func names(_ folder: String, suffix: String = "") throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: home + "/" + folder, isDirectory: &isFolder), isFolder.boolValue else {
      return []
    }
    return try FileManager.default.contentsOfDirectory(atPath: home + "/" + folder).sorted()
      .filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
  }

  /// What was sent and answered cannot be made anew: it is set aside with an error. Keys stay where they are.
  private func exchange() throws -> [Diagnostic] {
    try ExchangeReview.damage(home: home).map { found in
      var problem = found.problem
      let lost = "put it back from a backup: it cannot be made anew"
      if found.isTheirs { return problem }
      if !damage.mayRepair {
        problem.hint = lost + "; 'ferry adopt' sets it aside"
        return problem
      }
      do throws(POSIXError) {
        problem.hint = "it was set aside as \(try HomeRecord.setAside(found.path)); \(lost)"
      } catch {
        problem.hint = "it cannot be renamed (\(String(cString: strerror(error.code.rawValue)))); \(lost)"
      }
      return problem
    }
  }

  /// Every version whose record can be read, by name.
  package func publishedRecords() throws -> [String: Published] {
    var records: [String: Published] = [:]
    for name in try publishedNames() { records[name] = try published(name) }
    return records
  }
}
