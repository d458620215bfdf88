package import FerryCore

/// Text that a spreadsheet saved, in the encoding of its machine; it is decoded as subtitles are.
package enum SpreadsheetText {
  /// The text in UTF-8 with line feeds alone; `nil` where it is no text, or it is not sure in which encoding.
  package static func utf8(_ bytes: [UInt8], language: LanguageTag) -> [UInt8]? {
    if FileKind(bytes) != nil { return nil }
    var findings = Findings(file: "")
    return SourceText(bytes, language: language, forced: nil, findings: &findings)?.utf8
  }
}
