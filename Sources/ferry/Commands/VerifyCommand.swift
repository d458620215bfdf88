import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry verify PACKAGE`
struct VerifyCommand: AsyncParsableCommand {
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

  func validate() throws {
    if packages.isEmpty { throw ValidationError("name at least one package folder") }
    if resume != nil, packages.count > 1 { throw ValidationError("--resume: name one package only") }
  }

  func run() async throws {
    let operation = VerifyPackages(packages: packages, keys: keys, journal: resume, isQuick: depth == .quick)
    try await output.tell(operation, in: HomeOption.parse([]).office) { $0.map(summary) }
  }

  private func summary(_ answer: PackageVerdict) -> String {
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
