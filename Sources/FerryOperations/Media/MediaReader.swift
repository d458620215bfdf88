internal import FerryExecution
internal import FerryPipeline

/// The process that opens media files for another ferry; questions come in on standard input and answers go out.
package enum MediaReader {
  /// What it may use up: it keeps a few pictures and writes nothing but its notes.
  private static let limits = Sandbox.Limits(memory: 4 << 30, processorTime: .seconds(24 * 3600), fileSize: 64 << 20)

  /// Answers until nobody asks any more. The process must have one thread, so nothing is awaited before or in here.
  package static func serve(isSandboxed: Bool) throws {
    var input = ReaderInput()
    guard let readable = try input.next([String].self) else { return }
    // Before anything touches a stranger's file, and while there is one thread.
    if isSandboxed { _ = try Sandbox.apply(Sandbox.Rules(readOnly: readable, readWrite: [], limits: limits)) }
    input.endWithParent()
    MediaLibraries.keepTrail(in: ReaderInput.note)
    while let question = try input.next(MediaQuestion.self) {
      input.fallWhereATestSaysSo(question.path)
      try input.answer(question.answer)
    }
  }
}
