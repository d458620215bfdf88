import ArgumentParser
import FerryCore
import Foundation

/// A file that a command makes for a person; it never takes the place of another.
enum NewFile {
  /// Writes it, or says why not under a code such as `convert.exists` and ends.
  static func write(_ text: String, to target: String, for command: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: target), options: .withoutOverwriting)
    } catch let error as CocoaError {
      Terminal.say([problem(error, target, command)])
      throw ExitCode.badInput
    }
  }

  private static func problem(_ error: CocoaError, _ target: String, _ command: String) -> Diagnostic {
    let folder = URL(fileURLWithPath: target).deletingLastPathComponent().path
    if error.code == .fileWriteFileExists {
      return Diagnostic(
        "\(command).exists", at: Place(target), "the file exists already, and is not written over",
        hint: "name another one with --output")
    }
    if !FileManager.default.fileExists(atPath: folder) {
      return Diagnostic(
        "\(command).folder", at: Place(target), "the folder \(folder) does not exist", hint: "make it first")
    }
    return Diagnostic(
      "\(command).unwritable", at: Place(target), "the file cannot be written: \(error.localizedDescription)",
      hint: "check the folder and its permissions")
  }
}
