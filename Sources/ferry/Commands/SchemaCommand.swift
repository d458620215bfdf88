import ArgumentParser
import FerryOperations

/// `ferry schema`
struct SchemaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of job files, for editors.")

  func run() async throws {
    Terminal.answer(try await ShowJobSchema().perform(in: .plain).answer)
  }
}
