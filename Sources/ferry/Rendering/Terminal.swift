import FerryCore
import Foundation

/// Standard output and error as a person or a script sees them.
enum Terminal {
  /// Whether standard error is a terminal that may be drawn on.
  static let isInteractive = isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

  private static let hasColour = isInteractive && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

  static func say(_ text: String) {
    put(Data((visible(text) + "\n").utf8))
  }

  /// A log on a full disk is no reason to lose a night's work.
  static func put(_ data: Data) {
    do { try FileHandle.standardError.write(contentsOf: data) } catch {}
  }

  /// `isRaw` lets our own control codes through, and ends no line.
  static func answer(_ text: String, isRaw: Bool = false) {
    StandardOutput.write(Data((isRaw ? text : visible(text) + "\n").utf8))
  }

  /// One line of JSON that is complete when it is written: another process may be reading along.
  static func answer(json value: some Encodable, pretty: Bool = true) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting =
      pretty
      ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      : [
        .sortedKeys, .withoutEscapingSlashes,
      ]
    StandardOutput.write(try encoder.encode(value) + Data("\n".utf8))
  }

  /// Diagnostics as compilers write them, coloured where a person reads.
  static func say(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics {
      guard hasColour else {
        say(diagnostic.description)
        continue
      }
      let colour = diagnostic.severity == .error ? "\u{1B}[31m" : "\u{1B}[33m"
      let hint = diagnostic.hint.map { "\n  hint: \(visible($0))" } ?? ""
      let text = "\(visible("\(diagnostic.place)")): \(colour)\(diagnostic.severity.rawValue):\u{1B}[0m "
      put(Data((text + visible(diagnostic.message) + hint + "\n").utf8))
    }
  }

  /// How many columns a text takes: Chinese characters take two.
  static func columns(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x1100 ? min(1, $1.halfWidths) : $1.halfWidths) }
  }

  /// Control characters and bidi overrides from a file's name or a title must not steer a terminal.
  static func visible(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      let isBidi = (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
      if scalar.value < 0x20 && scalar != "\n" && scalar != "\t" || (0x7F...0x9F).contains(scalar.value) || isBidi {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
