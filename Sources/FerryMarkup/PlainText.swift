/// Words from a job or a source as they may stand in a file that others open: nothing in them acts.
package enum PlainText {
  /// Without control characters and without those that turn the direction of what follows; a line end, a tab or any
  /// other white space of that kind becomes a space, and nothing stands at either end.
  package static func line(_ text: String) -> String {
    String(text.unicodeScalars.compactMap { isBreak($0) ? " " : isHarmful($0) ? nil : Character($0) })
      .split(separator: " ").joined(separator: " ")
  }

  /// As `line`, but line feeds stay.
  package static func lines(_ text: String) -> String {
    text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline).map { line(String($0)) }
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// Controls (C0, C1), the bidirectional ones (Unicode Annex 9), byte order marks, tags and noncharacters.
  package static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    case 0xFEFF, 0xFFF9...0xFFFB, 0xFDD0...0xFDEF, 0xE0000...0xE007F: true
    default: scalar.value & 0xFFFE == 0xFFFE
    }
  }
}
