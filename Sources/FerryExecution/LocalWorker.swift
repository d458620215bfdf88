package import FerryCore
internal import Foundation
internal import Subprocess
internal import SystemPackage

/// Runs one title in a process of our own binary, so that what crashes there loses that title only.
///
/// The order goes in through standard input, progress comes back as JSON lines, and the outcome is a record in the
/// attempt folder: `outcome.json`, written by rename.
package struct LocalWorker: Sendable {
  private let executable: String

  /// `executable` is the `ferry` binary; its `work` command is what runs.
  package init(executable: String) { self.executable = executable }

  package func run(
    _ order: WorkOrder, progress: @escaping @Sendable (Milliseconds) -> Void
  ) async throws -> TitleOutcome {
    let input = try JSONEncoder().encode(order)
    let result = try await Subprocess.run(
      .path(FilePath(executable)), arguments: ["work"], input: .data(input), output: .sequence,
      error: .string(limit: 64 << 10)
    ) { execution in
      var failure: [Diagnostic]?
      for try await line in execution.standardOutput.strings() {
        // A line that is no message would be our own bug; the exit code then tells.
        switch try JSONDecoder().decode(WorkerMessage.self, from: Data(line.utf8)) {
        case .progress(let position): progress(position)
        case .alive, .finished: break
        case .failed(let diagnostics): failure = diagnostics
        }
      }
      return failure
    }
    if let diagnostics = result.closureResult { throw WorkFailure.rejected(diagnostics) }
    guard case .exited(0) = result.terminationStatus else {
      let words = result.standardError.split(separator: "\n").suffix(3).joined(separator: " / ")
      throw WorkFailure.crashed("\(result.terminationStatus)\(words.isEmpty ? "" : ": \(words)")")
    }
    let record = try Data(contentsOf: URL(fileURLWithPath: order.folder + "/outcome.json"))
    return try JSONDecoder().decode(TitleOutcome.self, from: record)
  }
}
