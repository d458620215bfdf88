import ArgumentParser
import FerryCore
import FerryExchange
import FerryPackage
import FerryPipeline
import Foundation

/// `ferry deliveries`
struct DeliveriesCommand: ParsableCommand {
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

  private struct Answer: Encodable {
    var delivery: String
    var partner: String
    var version: Int
    var state: DeliveryStanding.State
    var isOverdue: Bool
    var sent: String
    var packages: [String]
    var targets: [String]
    var resend: [String]
    var message: String?
    var openDefects: Int
  }

  func run() throws {
    let today = try RunDay.today()
    var answers: [Answer] = []
    try ExchangeAccess.saying {
      for one in try Correspondence.all(home: folders.homePath) where labels.isEmpty || labels.contains(one.label) {
        let open = try one.book().open
        let manifests = try one.versions()
        for standing in try one.standings(today: today, patience: patience.patience) {
          let manifest = manifests.first { $0.version == standing.version }
          answers.append(
            Answer(
              delivery: one.label, partner: manifest?.recipient.name ?? "", version: standing.version,
              state: standing.state, isOverdue: standing.isOverdue, sent: standing.sent.description,
              packages: standing.bags, targets: standing.drops, resend: standing.resend, message: standing.message,
              openDefects: open.count { $0.seenIn.contains(standing.version) }))
        }
      }
    }
    if output.json {
      try Terminal.answer(json: answers)
    } else if answers.isEmpty {
      Terminal.answer("nothing was sent yet")
    } else {
      for answer in answers { Terminal.answer(line(answer)) }
    }
    // A later version that arrived makes an older one's trouble history.
    let newest = Dictionary(grouping: answers, by: \.delivery).values.compactMap { $0.max { $0.version < $1.version } }
    if newest.contains(where: { $0.isOverdue || $0.state == .damaged || $0.state == .rejected }) {
      throw ExitCode.incomplete
    }
  }

  private func line(_ answer: Answer) -> String {
    var line = "\(answer.delivery) version \(answer.version) for \(answer.partner): \(answer.state.rawValue)"
    line += ", sent \(answer.sent) to \(answer.targets.joined(separator: " and "))"
    if answer.isOverdue { line += ", OVERDUE" }
    if !answer.resend.isEmpty { line += ", \(counted(answer.resend.count, "file")) to send again" }
    if answer.openDefects > 0 { line += ", \(counted(answer.openDefects, "open defect"))" }
    return line
  }
}
