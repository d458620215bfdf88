import ArgumentParser
import FerryBag
import FerryCore
import FerryExchange
import FerryPipeline

/// `ferry verify PACKAGE`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a BagIt package; ferry's own also by decoding every file. Never writes.",
    discussion: """
      Any bag of BagIt 0.93 to 1.0: structure, names, sizes and every digest. A package of ferry's also against its \
      delivery manifest: catalogue, crate, records and licences must say the same. --deep, which is what happens \
      without a word, also opens each media file, decodes it from end to end, compares its tracks, languages, sizes and \
      durations, and holds streaming playlists against their files; --quick opens none, and finds only what the digests \
      show. With --keys also who signed the ticket beside it. Exit code 0: valid, 1: invalid, 2: files are missing and \
      nothing else is wrong, or there is no ticket yet, 3: the signature is not believed.
      """)

  /// How far packages of ferry's own are looked into.
  enum Depth: String, EnumerableFlag {
    case deep
    case quick

    static func help(for value: Depth) -> ArgumentHelp? {
      switch value {
      case .deep: "Decode every media file and check the streaming playlists; this is what is done anyway."
      case .quick: "Open no media file: structure, names, sizes, digests, manifests and the signature only."
      }
    }
  }

  @OptionGroup var output: OutputOptions
  @Option(
    help: ArgumentHelp(
      "Check the signature too: the keys that are believed, in ssh-keygen's format of allowed_signers.",
      valueName: "file"))
  var keys: String?
  @Option(
    help: ArgumentHelp(
      "Note digests in this file, so that a check that was killed goes on where it was; for one package.",
      valueName: "file"))
  var resume: String?
  @Flag(exclusivity: .exclusive) var depth = Depth.deep
  @Argument(help: "Package folders, each with a bagit.txt.") var packages: [String]

  private struct Answer: Encodable {
    var package: String
    var verdict: String
    var version: String?
    var files: Int
    var bytes: Int
    var depth: String
    var decoded: Int
    /// Who signed the ticket, where that was asked for.
    var signer: String?
    var problems: [Diagnostic]
  }

  func validate() throws {
    if packages.isEmpty { throw ValidationError("name at least one package folder") }
    if resume != nil, packages.count > 1 { throw ValidationError("--resume: name one package only") }
  }

  func run() throws {
    let known = try keys.map { path in try ExchangeAccess.saying { try AllowedSigners.read(path) } }
    var answers: [Answer] = []
    var code = ExitCode.success
    for package in packages {
      let report = try report(package)
      var answer = Answer(
        package: package, verdict: report.verdict.rawValue, version: report.bag.version, files: report.bag.files,
        bytes: report.bag.bytes, depth: depth.rawValue, decoded: report.decoded, problems: report.problems)
      code = worse(code, report.verdict == .invalid ? .failed : report.verdict == .incomplete ? .incomplete : .success)
      if let known {
        do {
          answer.signer = try Ticket.signer(of: package, keys: known)
        } catch let error as Refusal {
          answer.problems += error.problems
          code = worse(code, ExitCode(error.kind))
          if answer.verdict == "valid" { answer.verdict = error.kind == .notReady ? "incomplete" : "invalid" }
        }
      }
      Terminal.say(answer.problems)
      answers.append(answer)
    }
    if output.json {
      try Terminal.answer(json: answers)
    } else {
      for answer in answers { Terminal.answer(summary(answer)) }
    }
    if code != .success { throw code }
  }

  private func report(_ package: String) throws -> PackageReport {
    do {
      return try PackageVerification.report(
        of: package, resuming: resume, depth: depth == .deep ? .deep : .quick, reading: Reading.begin())
    } catch let error as Diagnostics {
      Terminal.say(error.all)
      throw ExitCode.badInput
    }
  }

  private func worse(_ a: ExitCode, _ b: ExitCode) -> ExitCode {
    let order: [ExitCode] = [.success, .incomplete, .failed, .untrusted, .tryLater]
    return (order.firstIndex(of: a) ?? 0) >= (order.firstIndex(of: b) ?? 0) ? a : b
  }

  private func summary(_ answer: Answer) -> String {
    let decoded =
      depth == .quick
      ? ", no media file opened"
      : answer.decoded == 0 ? "" : ", \(counted(answer.decoded, "media file")) decoded from end to end"
    let errors = answer.problems.count { $0.severity == .error }
    let warnings = answer.problems.count - errors
    let counts = answer.problems.isEmpty ? "" : ": \(counted(errors, "error")), \(counted(warnings, "warning"))"
    let signer = answer.signer.map { ", signed by \($0)" } ?? ""
    return "\(answer.package): \(answer.verdict) (\(counted(answer.files, "file")), "
      + "\(readable(bytes: answer.bytes))\(decoded)\(signer))\(counts)"
  }
}
