import FerryCore
import FerryMedia
import Foundation

/// Makes one title's files outside a sandbox, for tests that run it on a processor that is not there.
@main
struct TranscodeProbe {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let language = LanguageTag("zh-Hans") else { fatalError("SOURCE RECIPE FOLDER") }
    let recipe = try JSONDecoder().decode(Recipe.self, from: Data(contentsOf: URL(fileURLWithPath: arguments[2])))
    _ = try Transcode.run(arguments[1], by: recipe, language: language, into: arguments[3]) { _ in }
  }
}
