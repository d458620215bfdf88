import ArgumentParser
import FerryCore
import FerryExecution
import FerryMedia
import FerryPipeline
import Foundation

/// `ferry work`: one title, for `ferry run`; an order comes in on standard input and messages go out, a line each.
struct WorkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work", abstract: "Make one title from an order on standard input (used by run).", shouldDisplay: false
  )

  /// What a worker may use up: more than any lesson needs, and less than takes a machine down.
  static let limits = Sandbox.Limits(memory: 8 << 30, processorTime: .seconds(24 * 3600), fileSize: 64 << 30)

  @Flag(help: .hidden) var withoutSandbox = false

  func run() throws {
    let order: WorkOrder
    do {
      order = try ParentPipe.order()
    } catch {
      throw ValidationError("standard input is no work order: \(error)")
    }
    // Before anything touches a stranger's file, and while there is one thread.
    if !withoutSandbox {
      let layers = try Sandbox.apply(Sandbox.Rules(for: order, limits: WorkCommand.limits))
      for (layer, reason) in layers.missing.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        Terminal.say("sandbox: no \(layer.rawValue): \(reason)")
      }
    }
    let pipe = ParentPipe()
    Trail.keep(in: DoingNote.open(in: order.folder))
    do {
      let outcome = try TitleWork(order).run { position in pipe.say(.progress(position: position)) }
      if outcome.didEncode { WorkCommand.tell(outcome.transcode) }
      try OutcomeRecord.write(outcome, in: order.folder)
      pipe.say(.finished)
    } catch {
      let problems = TitleWork.diagnose(error, order)
      pipe.say(error.isNoSpace ? .diskFull(problems) : .failed(problems))
      throw ExitCode.failed
    }
  }

  /// What the plan promised and the source did not keep, for the title's log.
  private static func tell(_ made: TranscodeOutcome) {
    for copy in made.givenUp ?? [] {
      Terminal.say("copy: no \(copy.kind.rawValue), it seemed to conform, but \(copy.reason)")
    }
  }
}
