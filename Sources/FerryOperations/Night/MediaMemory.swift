internal import FerryCore
package import FerryPipeline
package import FerryStore
internal import Foundation
internal import Synchronization

/// What media files turned out to be, by their identity: no reader is started for a file that stayed as it was.
package final class MediaMemory: Sendable {
  private let store: Store
  private let new = Mutex<[FileQuestion: String]>([:])

  /// What answers: this program's file and the libraries that it found.
  private let program: String
  /// Longer answers, in bytes, are cheaper to find again than to keep.
  private static let longest = 1 << 20

  /// `program` is this program's file.
  package init(_ store: Store, program: String) {
    self.store = store
    let file = FileIdentity(of: program).map { "\($0.size) \($0.modified) \($0.inode) " } ?? ""
    self.program = file + MediaLibraries.versions.joined(separator: ", ")
  }

  /// What was answered and is not in the store yet.
  package var learnt: [FileQuestion: String] { new.withLock { $0 } }

  /// Answers from memory, and otherwise as `reading` does.
  package func reading(_ reading: @escaping MediaReading) -> MediaReading {
    { readable in
      let session = reading(readable)
      return MediaSession { question throws(ReaderFailure) in
        guard let text = question.memorable, let file = FileIdentity(of: question.path) else {
          return try session.ask(question)
        }
        let asked = FileQuestion(file, text, program: self.program)
        if let answer = self.known(asked) { return answer }
        let answer = try session.ask(question)
        // What changed while it was read has no answer worth remembering.
        if FileIdentity(of: question.path) == file { self.learn(answer, to: asked) }
        return answer
      }
    }
  }

  private func known(_ question: FileQuestion) -> MediaAnswer? {
    do {
      guard let text = try store.knownAnswer(question) else { return nil }
      return try JSONDecoder().decode(MediaAnswer.self, from: Data(text.utf8))
    } catch {
      // The file itself answers; what is wrong with the queue is said where it is written.
      return nil
    }
  }

  private func learn(_ answer: MediaAnswer, to question: FileQuestion) {
    switch answer {
    case .facts, .track: break
    case .speech, .checked, .media, .refused: return
    }
    do {
      let text = String(decoding: try JSONEncoder().encode(answer), as: UTF8.self)
      if text.utf8.count <= MediaMemory.longest { new.withLock { $0[question] = text } }
    } catch {
      // It is asked again next time.
    }
  }
}
