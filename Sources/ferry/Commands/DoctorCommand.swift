import ArgumentParser
import FerryOperations

/// `ferry doctor`
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what this machine has, what is missing and how to get it.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: FolderOptions

  func run() async throws {
    try await output.tell(CheckMachine(), in: folders.office()) { findings in
      findings.filter { !output.quiet || !$0.isGood }.flatMap { finding in
        ["\(finding.isGood ? "good   " : "MISSING") \(finding.name): \(finding.detail)"]
          + (finding.isGood ? [] : [finding.remedy].compactMap { $0 }.map { "        \($0)" })
      }
    }
  }
}
