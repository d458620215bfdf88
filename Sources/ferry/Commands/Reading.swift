import FerryCore
import FerryExecution
import FerryPipeline

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
