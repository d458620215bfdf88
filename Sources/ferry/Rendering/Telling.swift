import ArgumentParser
import FerryCore
import FerryOperations

extension FolderOptions {
  /// Where this command's operation is performed.
  func office(isSandboxed: Bool = true, tell: @escaping @Sendable (RunEvent) -> Void = { _ in }) -> Office {
    Office(
      home: homePath, out: outPath, program: Executable.path, version: Ferry.version, isSandboxed: isSandboxed,
      tell: tell)
  }
}

extension HomeOption {
  /// Where an operation that makes no packages is performed.
  var office: Office {
    Office(
      home: homePath, out: FolderOptions.absolute("deliveries"), program: Executable.path, version: Ferry.version)
  }
}

extension Office {
  /// Where an operation is performed that neither keeps state nor makes packages.
  static var plain: Office {
    Office(
      home: HomeOption.defaultPath, out: FolderOptions.absolute("deliveries"), program: Executable.path,
      version: Ferry.version)
  }
}

extension OutputOptions {
  /// Performs an operation, says what is wrong on standard error, answers on standard output, as JSON or in the lines
  /// that `text` makes, and ends with the code of what was not done.
  func tell<Asked: Operation>(
    _ operation: Asked, in office: Office, text: (Asked.Answer) -> [String]
  ) async throws {
    try tell(try await perform(operation, in: office), text: text)
  }

  /// Says a reply, and ends with the code of what was not done.
  func tell<Answer>(_ reply: Reply<Answer>, text: (Answer) -> [String]) throws {
    Terminal.say(reply.problems)
    if json {
      try Terminal.answer(json: reply.answer)
    } else {
      for line in text(reply.answer) { Terminal.answer(line) }
    }
    if let shortfall = reply.shortfall { throw ExitCode(shortfall) }
  }

  /// Performs an operation; a refusal is said on standard error and ends the command.
  func perform<Asked: Operation>(_ operation: Asked, in office: Office) async throws -> Reply<Asked.Answer> {
    do throws(Refusal) {
      return try await operation.perform(in: office)
    } catch {
      Terminal.say(error.problems)
      throw ExitCode(error.kind)
    }
  }
}
