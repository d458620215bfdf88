import ArgumentParser
import FerryCore
import FerryPackage
import FerryPipeline

/// `ferry verify PACKAGE`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a BagIt package; ferry's own also by decoding every file. Never writes.",
    discussion: """
      Any bag of BagIt 0.93 to 1.0: structure, names, sizes and every digest. A package of ferry's also against its \
      delivery manifest: each media file is opened, decoded from end to end, and its tracks, languages, sizes and \
      durations are compared. Exit code 0: valid, 1: invalid, 2: files are missing and nothing else is wrong.
      """)

  @OptionGroup var output: OutputOptions
  @Argument(help: "Package folders, each with a bagit.txt.") var packages: [String]

  private struct Answer: Encodable {
    var package: String
    var verdict: String
    var version: String?
    var files: Int
    var bytes: Int
    var decoded: Int
    var problems: [Diagnostic]
  }

  func validate() throws {
    if packages.isEmpty { throw ValidationError("name at least one package folder") }
  }

  func run() throws {
    var answers: [Answer] = []
    for package in packages {
      let report = try PackageVerification.report(of: package)
      Terminal.say(report.problems)
      answers.append(
        Answer(
          package: package, verdict: report.verdict.rawValue, version: report.bag.version, files: report.bag.files,
          bytes: report.bag.bytes, decoded: report.decoded, problems: report.problems))
    }
    if output.json {
      try Terminal.answer(json: answers)
    } else {
      for answer in answers { Terminal.answer(summary(answer)) }
    }
    if answers.contains(where: { $0.verdict == "invalid" }) { throw ExitCode.failed }
    if answers.contains(where: { $0.verdict == "incomplete" }) { throw ExitCode.incomplete }
  }

  private func summary(_ answer: Answer) -> String {
    let decoded = answer.decoded == 0 ? "" : ", \(counted(answer.decoded, "media file")) decoded from end to end"
    let errors = answer.problems.count { $0.severity == .error }
    let warnings = answer.problems.count - errors
    let counts = answer.problems.isEmpty ? "" : ": \(counted(errors, "error")), \(counted(warnings, "warning"))"
    return "\(answer.package): \(answer.verdict) (\(counted(answer.files, "file")), "
      + "\(ProbeText.size(answer.bytes))\(decoded))\(counts)"
  }
}
