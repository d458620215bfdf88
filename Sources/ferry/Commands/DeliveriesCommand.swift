import ArgumentParser
import FerryCore
import FerryOperations

/// `ferry deliveries`
struct DeliveriesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliveries", abstract: "Every version that was sent, to whom, and what the partner said of it.",
    discussion: """
      sent, arrived, damaged, rejected or accepted; silence is never acceptance. Exit code 2: something is overdue, \
      damaged or rejected.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var folders: HomeOption
  @OptionGroup var patience: PatienceOptions
  @Argument(help: "Labels; without any, all deliveries.") var labels: [String] = []

  func run() async throws {
    let operation = ListDeliveries(labels: labels, today: try RunDay.today(), patience: patience.patience)
    try await output.tell(operation, in: folders.office) { $0.isEmpty ? ["nothing was sent yet"] : $0.map(line) }
  }

  private func line(_ answer: DeliveryState) -> String {
    var line = "\(answer.delivery) version \(answer.version) for \(answer.partner): \(answer.state)"
    line += ", sent \(answer.sent) to \(answer.targets.joined(separator: " and "))"
    if answer.isOverdue { line += ", OVERDUE" }
    if !answer.resend.isEmpty { line += ", \(counted(answer.resend.count, "file")) to send again" }
    if answer.openDefects > 0 { line += ", \(counted(answer.openDefects, "open defect"))" }
    return line
  }
}
