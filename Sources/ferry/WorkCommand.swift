import ArgumentParser
import FerryCore
import FerryPipeline
import Foundation

/// `ferry work`: one title, for `ferry run`; an order comes in on standard input and messages go out, a line each.
struct WorkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work", abstract: "Make one title from an order on standard input (used by run).", shouldDisplay: false
  )

  func run() throws {
    let input = FileHandle.standardInput.readDataToEndOfFile()
    let order: WorkOrder
    do {
      order = try JSONDecoder().decode(WorkOrder.self, from: input)
    } catch {
      throw ValidationError("standard input is no work order: \(error)")
    }
    do {
      _ = try TitleWork(order).run { position in say(.progress(position: position)) }
      say(.finished)
    } catch {
      say(.failed(TitleWork.diagnose(error, order)))
      throw ExitCode.failed
    }
  }
}

/// Writes one message; when the parent is gone there is nobody to work for.
private func say(_ message: WorkerMessage) {
  do {
    try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(message) + Data("\n".utf8))
  } catch {
    Foundation.exit(ExitCode.failed.rawValue)
  }
}
