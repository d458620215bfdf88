import ArgumentParser
import FerryCore

/// `ferry schema`
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of job files, for editors.")

  func run() { Terminal.answer(JobSchema.text) }
}
