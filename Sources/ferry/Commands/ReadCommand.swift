import ArgumentParser
import FerryCore
import FerryExecution
import FerryMedia
import FerryPipeline
import Foundation

/// `ferry read`: opens media files for another ferry; questions come in on standard input and answers go out.
struct ReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Answer questions about media files (used by other commands).", shouldDisplay: false)

  /// What a reader may use up: it keeps a few pictures and writes nothing but its notes.
  static let limits = Sandbox.Limits(memory: 4 << 30, processorTime: .seconds(24 * 3600), fileSize: 64 << 20)

  @Flag(help: .hidden) var withoutSandbox = false

  func run() throws {
    var input = ReaderInput()
    guard let readable = try input.next([String].self) else { return }
    // Before anything touches a stranger's file, and while there is one thread.
    if !withoutSandbox {
      _ = try Sandbox.apply(Sandbox.Rules(readOnly: readable, readWrite: [], limits: ReadCommand.limits))
    }
    input.endWithParent()
    Trail.keep(in: ReaderInput.note)
    while let question = try input.next(MediaQuestion.self) {
      input.fallWhereATestSaysSo(question.path)
      try input.answer(question.answer)
    }
  }
}

/// How commands read media files: in processes of their own.
enum Reading {
  static func begin(withoutSandbox: Bool = false) -> MediaReading {
    { readable in
      let readers = Readers(
        executable: Executable.path, arguments: ["read"] + (withoutSandbox ? ["--without-sandbox"] : []),
        readable: readable)
      return MediaSession { question throws(ReaderFailure) in
        try readers.ask(question, patience: question.patience)
      }
    }
  }
}
