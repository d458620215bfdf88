package import FerryCore
internal import FerryExecution
internal import FerryFiles
internal import FerryPipeline

/// The process that makes one title for a run; an order comes in on standard input and messages go out, a line each.
package enum TitleWorker {
  /// What it may use up: more than any lesson needs, and less than takes a machine down.
  private static let limits = Sandbox.Limits(
    memory: 8 << 30, processorTime: .seconds(24 * 3600), fileSize: 64 << 30)

  /// Makes the title, and answers whether it could; what went wrong was said to the run then. `log` takes lines for the
  /// title's log. The process must have one thread, so nothing is awaited before or in here.
  package static func work(isSandboxed: Bool, log: (String) -> Void) throws(Refusal) -> Bool {
    let order = try order()
    // Before anything touches a stranger's file, and while there is one thread.
    if isSandboxed { try shutIn(order, log) }
    let pipe = ParentPipe()
    MediaLibraries.keepTrail(in: DoingNote.open(in: order.folder))
    do {
      let outcome = try TitleWork(order).run { position in pipe.say(.progress(position: position)) }
      if outcome.didEncode { tell(outcome.transcode, log) }
      try OutcomeRecord.write(outcome, in: order.folder)
      pipe.say(.finished)
      return true
    } catch {
      let problems = TitleWork.diagnose(error, order)
      do { try OutcomeRecord.write(problems, in: order.folder) } catch {
        log("the record of the failure cannot be written: \(error)")
      }
      pipe.say(.failed(problems))
      return false
    }
  }

  private static func order() throws(Refusal) -> WorkOrder {
    do {
      return try ParentPipe.order()
    } catch {
      throw Refusal(
        .usage, "work.order", at: Place("standard input"), "this is not a work order: \(error)",
        hint: "`ferry run` starts workers itself")
    }
  }

  private static func shutIn(_ order: WorkOrder, _ log: (String) -> Void) throws(Refusal) {
    do {
      let layers = try Sandbox.apply(Sandbox.Rules(for: order, limits: limits))
      for (layer, reason) in layers.missing.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        log("sandbox: no \(layer.rawValue): \(reason)")
      }
    } catch {
      throw Refusal(
        .failed, "sandbox.failed", at: Place("sandbox"), "\(error)", hint: "`ferry doctor` tries each layer")
    }
  }

  /// What the plan promised and the source did not keep.
  private static func tell(_ made: TranscodeOutcome, _ log: (String) -> Void) {
    for copy in made.givenUp ?? [] {
      log("copy: no \(copy.kind.rawValue), it seemed to conform, but \(copy.reason)")
    }
  }
}
