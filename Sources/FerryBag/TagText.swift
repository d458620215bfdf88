internal import FerryCore
internal import Foundation

/// The lines of a tag file and the rules that all of them share (RFC 8493, 2.3).
///
/// Lines end with LF, CR or CRLF and nothing else: other characters that some systems take for line ends may be part of
/// a name. Everything here is bytes of UTF-8, so that a combining accent never hides the blank before it.
struct TagLine: Equatable {
  /// Counts from 1.
  let number: Int
  let bytes: ArraySlice<UInt8>

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Every line of `text`, the last one also without a line end; empty lines are there too.
  static func all(of text: String) -> [TagLine] {
    let bytes = Array(text.utf8)
    var lines: [TagLine] = []
    var start = 0
    var index = 0
    while index < bytes.count {
      guard bytes[index] == 0x0A || bytes[index] == 0x0D else {
        index += 1
        continue
      }
      lines.append(TagLine(number: lines.count + 1, bytes: bytes[start..<index]))
      if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
      index += 1
      start = index
    }
    if start < bytes.count { lines.append(TagLine(number: lines.count + 1, bytes: bytes[start...])) }
    return lines
  }

  /// Words that blanks or tabs separate, at most `count` of them; the last one is the rest of the line.
  func words(_ count: Int) -> [ArraySlice<UInt8>] {
    var words: [ArraySlice<UInt8>] = []
    var rest = bytes
    while words.count + 1 < count {
      let word = rest.prefix { !TagLine.isBlank($0) }
      rest = rest[word.endIndex...].drop(while: TagLine.isBlank)
      words.append(word)
      if rest.isEmpty { return words }
    }
    return words + [rest]
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

/// A path as manifests write it: line ends and the percent sign, and only those, are percent-encoded.
enum PathEncoding {
  static func encoded(_ path: String) -> String {
    path.unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "%": text += "%25"
      case "\n": text += "%0A"
      case "\r": text += "%0D"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  /// The path, and whether a percent sign in it stands for nothing that a manifest encodes.
  static func decoded(_ bytes: ArraySlice<UInt8>) -> (path: String, hasStrayPercent: Bool) {
    var result: [UInt8] = []
    var isStray = false
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      index += 1
      guard byte == UInt8(ascii: "%") else {
        result.append(byte)
        continue
      }
      switch String(decoding: bytes[index...].prefix(2), as: UTF8.self).uppercased() {
      case "0A": result.append(0x0A)
      case "0D": result.append(0x0D)
      case "25": result.append(0x25)
      default:
        result.append(byte)
        isStray = true
        continue
      }
      index += 2
    }
    return (String(decoding: result, as: UTF8.self), isStray)
  }
}

/// Encodings that tag files of real bags have.
enum TagEncoding {
  static func named(_ name: String) -> String.Encoding? {
    switch name.uppercased() {
    case "UTF-8": .utf8
    case "UTF-16": .utf16
    case "UTF-16LE": .utf16LittleEndian
    case "UTF-16BE": .utf16BigEndian
    case "US-ASCII", "ASCII": .ascii
    case "ISO-8859-1", "LATIN1": .isoLatin1
    case "WINDOWS-1252": .windowsCP1252
    default: nil
    }
  }
}
