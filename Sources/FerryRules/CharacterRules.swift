internal import FerryCore

/// Characters that no subtitle should have, one finding for each cue and rule.
enum CharacterRules {
  static func check(_ report: inout CheckReport) {
    let glyphs = AllowedGlyphs(profile: report.profile)
    let isRightToLeft = ["ar", "fa", "he", "ur", "ug", "ps", "yi", "dv", "sd", "ckb"].contains(report.language.language)
    for index in report.cues.indices {
      for line in report.subjects[index].lines where !line.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
        check(line, index, glyphs, isRightToLeft, &report)
      }
      text(of: index, &report)
    }
  }

  private static func check(
    _ line: String, _ index: Int, _ glyphs: AllowedGlyphs, _ isRightToLeft: Bool, _ report: inout CheckReport
  ) {
    var control: Unicode.Scalar?
    var glyph: Unicode.Scalar?
    for scalar in line.unicodeScalars {
      if (0x20..<0x7F).contains(scalar.value) || (0x4E00...0x9FFF).contains(scalar.value) && !glyphs.isListed {
        continue
      }
      if control == nil, isUnwanted(scalar, isRightToLeft) { control = scalar }
      if glyph == nil, glyphs.lacks(scalar) { glyph = scalar }
    }
    if let control {
      // XML 1.0, and with it TTML, cannot hold the C0 controls at all.
      let isForbidden = control.value < 0x20
      report.add(
        "enc.control", isForbidden ? .error : report.profile.severity("enc.control") ?? .warning, cue: index,
        "the cue has \(name(of: control)), \(kind(of: control))", hint: "remove it")
    }
    if let glyph {
      report.flag(
        "text.glyph", cue: index,
        glyphs.isListed
          ? "the cue has \(name(of: glyph)), which is not among the characters of '\(report.profile.name)'"
          : "the cue has \(name(of: glyph)), for which few fonts have a picture",
        hint: "write it with another character")
    }
  }

  private static func isUnwanted(_ scalar: Unicode.Scalar, _ isRightToLeft: Bool) -> Bool {
    switch scalar.value {
    case 0x09: false
    case 0..<0x20, 0x7F..<0xA0, 0xFEFF, 0xE000...0xF8FF, 0xFDD0...0xFDEF, 0xF0000...: true
    // The marks of direction themselves are everyday writing in Arabic and Hebrew.
    case 0x200E, 0x200F, 0x061C: !isRightToLeft
    case 0x202A...0x202E, 0x2066...0x2069: true
    default: scalar.value & 0xFFFE == 0xFFFE
    }
  }

  private static func kind(of scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: "a control character"
    case 0xFEFF: "a byte-order mark inside the text"
    case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: "a mark that changes the direction of writing"
    case 0xFDD0...0xFDEF: "which is no character"
    default: scalar.value & 0xFFFE == 0xFFFE ? "which is no character" : "a private-use character"
    }
  }

  /// A cue without words, and what would break a file that it is written to.
  private static func text(of index: Int, _ report: inout CheckReport) {
    let subject = report.subjects[index]
    guard subject.hasText else {
      report.flag("fmt.empty", cue: index, "the cue has no text", hint: "remove it, or write what is missing")
      return
    }
    if subject.lines.contains(where: { $0.hasBytes("-->") }) {
      report.flag(
        "fmt.arrow", cue: index, "the cue's text has '-->', which other programs take for times",
        hint: "write '→' or '->'")
    }
    if subject.lines.contains(where: { line in line.allSatisfy { $0.isWhitespace || $0.isInvisible } }) {
      report.add(
        "fmt.arrow", .warning, cue: index, "the cue has a blank line, at which other programs end it",
        hint: "remove the blank line")
    }
  }

  static func name(of scalar: Unicode.Scalar) -> String {
    let code = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
  }
}

/// The characters that a delivery's fonts have.
private struct AllowedGlyphs {
  /// Whether only listed characters are allowed, as with Netflix; otherwise all that everyday fonts have.
  let isListed: Bool
  private let isChinese: Bool

  init(profile: TextProfile) {
    isListed = profile.severity("text.glyph") == .error
    isChinese = profile.counting == .eastAsianWidth
  }

  func lacks(_ scalar: Unicode.Scalar) -> Bool { isListed ? !isOnList(scalar.value) : isRare(scalar) }

  private func isOnList(_ value: UInt32) -> Bool {
    switch value {
    case 0x09, 0x20..<0x7F, 0xA0..<0xAD, 0xAE...0x17F: true
    case 0x2010...0x2015, 0x2018...0x201E, 0x2020...0x2022, 0x2026, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044:
      true
    case 0x20AC, 0x2103, 0x2109, 0x2116, 0x2122, 0x2126, 0x2153...0x215E, 0x2190...0x2193, 0x2212, 0x221A, 0x221E,
      0x2248, 0x2260, 0x2264, 0x2265, 0x266A, 0x266B, 0x266D, 0x266F:
      true
    case 0x2080...0x2089, 0x2070...0x2079, 0x391...0x3C9: true
    case 0x3000...0x301F, 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xFF01...0xFF5E, 0x22EF, 0x2500, 0x2014, 0x30FB: isChinese
    default: false
    }
  }

  private func isRare(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x2000, 0x2E80...0xD7FF, 0xF900...0xFAFF, 0xFE00...0xFE0F, 0xFE30...0xFE4F, 0xFF00...0xFFEF:
      scalar.properties.generalCategory == .unassigned
    case 0xE000...0xF8FF, 0xFDD0...0xFDEF, 0xF0000...: false
    case 0x1D400...0x1D7FF, 0x1F000...0x1FAFF: scalar.properties.generalCategory == .unassigned
    case 0xE0000...0xE01EF: false
    case 0x10000...: scalar.value & 0xFFFE != 0xFFFE
    default: scalar.properties.generalCategory == .unassigned && scalar.value & 0xFFFE != 0xFFFE
    }
  }
}
