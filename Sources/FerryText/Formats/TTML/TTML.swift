internal import FerryCore
internal import FerryMarkup

/// TTML (`.ttml`, `.dfxp`, `.xml`): IMSC 1 text, EBU-TT-D, TTML 1 and 2, and the DFXP drafts before them.
package enum TTML {
  /// The end of a cue that has none: the last moment that two digits of hours can say.
  static let endless = 359_999_999

  /// The end of what shows for ever, until it is given one.
  static let never = CueTime(milliseconds: .max)

  /// The cues of a document; what is wrong, was repaired or is not carried goes to `findings`.
  ///
  /// A cue is a paragraph for as long as it shows the same: timed spans in it make one cue for each state. Text that
  /// never ends is an error, since nothing says when the programme does.
  static func read(_ text: [UInt8], findings: inout Findings) -> (cues: [Cue], lines: [Int]) {
    do {
      var notes: [(Repair, Int, Int)] = []
      let tree = try TTMLTree(text) { notes.append(($0, $1, $2)) }
      for (repair, line, column) in notes { findings.note(repair, line: line, column: column) }
      guard let times = TTMLTimes(tree, findings: &findings) else { return ([], []) }
      var reader = TTMLReader(tree, times, findings)
      reader.read()
      findings = reader.findings
      return (reader.cues, reader.cueLines)
    } catch {
      findings.error(error.code, line: error.line, column: error.column, error.message, hint: error.hint)
      return ([], [])
    }
  }

  /// The name of a document's element, where a text is XML and gets that far; no prefix.
  static func rootName(_ text: [UInt8]) -> String? {
    var index = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
    while true {
      while index < text.count, isBlank(text[index]) { index += 1 }
      guard index + 1 < text.count, text[index] == UInt8(ascii: "<") else { return nil }
      let end: [UInt8]
      if text[index...].starts(with: "<!--".utf8) {
        end = Array("-->".utf8)
      } else if text[index + 1] == UInt8(ascii: "?") {
        end = Array("?>".utf8)
      } else if text[index...].starts(with: "<!DOCTYPE".utf8) {
        index += 8
        let name = text[(index + 1)...].drop(while: isBlank).prefix { !isBlank($0) && $0 != UInt8(ascii: ">") }
        return String(decoding: name.prefix(64), as: UTF8.self)
      } else {
        let name = text[(index + 1)...].prefix { !isBlank($0) && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "/") }
        let local = name.split(separator: UInt8(ascii: ":")).last ?? []
        return name.isEmpty ? nil : String(decoding: local.prefix(64), as: UTF8.self)
      }
      while index < text.count, !text[index...].starts(with: end) { index += 1 }
      index += end.count
    }
  }
}
