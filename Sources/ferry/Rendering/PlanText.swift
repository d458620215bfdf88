import FerryCore
import FerryOperations

/// A plan for people: a title a paragraph, and the sum.
enum PlanText {
  static func text(of plan: Plan) -> String {
    var lines = ["\(plan.delivery): \(counted(plan.titles.count, "title"))"]
    for title in plan.titles { lines += describe(title) }
    let steps = plan.titles.flatMap(\.steps)
    let encodes = steps.count { $0.name == .transcode && $0.runs }
    let seconds = steps.map(\.seconds).saturatedSum
    let bytes = steps.map(\.bytes).saturatedSum
    lines.append(
      "\(counted(encodes, "title")) to encode: about \(readable(seconds: seconds)) on two cores, about \(readable(bytes: bytes)) of disk"
    )
    return lines.joined(separator: "\n")
  }

  /// One title, and what was decided about its picture and sound.
  static func text(of planned: PlannedTitle) -> [String] {
    describe(planned.plan) + planned.decisions.map { "    \($0)" }
  }

  private static func describe(_ title: TitlePlan) -> [String] {
    let length = title.duration.map { " (\($0.clock()))" } ?? ""
    switch title.state {
    case .refused: return ["  \(title.title)\(length): refused, see above"]
    case .waiting, .ready: break
    }
    let waits = title.awaited.isEmpty ? "" : ": waits for " + title.awaited.joined(separator: "; ")
    return ["  \(title.title)\(length)\(waits)"]
      + title.steps.map { step in
        let made = step.name == .transcode && step.runs ? " → " + title.renditions.joined(separator: ", ") : ""
        return "    \(step.runs ? "run " : "skip") \(step.name.rawValue)\(made): \(step.reason)"
      }
  }
}
