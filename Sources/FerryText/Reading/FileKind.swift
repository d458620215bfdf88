/// A file that is no subtitle file, known by how it begins.
package struct FileKind {
  /// What to do where a file holds no subtitles.
  package static let hint = "give a SubRip, WebVTT, ASS or TTML file"

  package let message: String
  package let hint: String

  package init?(_ bytes: [UInt8]) {
    if bytes.isEmpty {
      self.init("the file is empty", hint: FileKind.hint)
    } else if let name = FileKind.binary(bytes) {
      let isVideo = name.contains("video")
      self.init(
        "this is \(name), not a subtitle file",
        hint: isVideo ? "to take one of its text tracks, name the stream; else \(FileKind.hint)" : FileKind.hint)
    } else if let (name, hint) = FileKind.text(bytes) {
      self.init("this is \(name), not a subtitle file that ferry reads", hint: hint)
    } else {
      return nil
    }
  }

  private init(_ message: String, hint: String) {
    self.message = message
    self.hint = hint
  }

  private static func binary(_ bytes: [UInt8]) -> String? {
    for (signature, offset, name) in signatures
    where bytes.count >= offset + signature.count && bytes[offset...].starts(with: signature) {
      return name
    }
    // A transport stream has its mark in every 188th byte.
    if bytes.count > 376, bytes[0] == 0x47, bytes[188] == 0x47, bytes[376] == 0x47 { return "an MPEG-TS video" }
    return nil
  }

  private static let signatures: [([UInt8], Int, String)] = [
    (Array("PK\u{3}\u{4}".utf8), 0, "a ZIP archive or an Office document"),
    ([0xD0, 0xCF, 0x11, 0xE0], 0, "an old Office document"),
    (Array("%PDF-".utf8), 0, "a PDF document"),
    (Array("{\\rtf".utf8), 0, "an RTF document"),
    (Array("ftyp".utf8), 4, "an MP4 or MOV video"),
    ([0x1A, 0x45, 0xDF, 0xA3], 0, "a Matroska or WebM video"),
    (Array("RIFF".utf8), 0, "an AVI video or a WAV file"),
    (Array("OggS".utf8), 0, "an Ogg file"),
    (Array("FLV\u{1}".utf8), 0, "an FLV video"),
    ([0x00, 0x00, 0x01, 0xBA], 0, "an MPEG video or VobSub pictures"),
    ([0x30, 0x26, 0xB2, 0x75], 0, "a WMV video"),
    (Array("ID3".utf8), 0, "an MP3 file"),
    ([0xFF, 0xD8, 0xFF], 0, "a JPEG picture"),
    ([0x89, 0x50, 0x4E, 0x47], 0, "a PNG picture"),
    ([0x1F, 0x8B], 0, "a gzip archive"),
    (Array("Rar!".utf8), 0, "a RAR archive"),
    ([0x37, 0x7A, 0xBC, 0xAF], 0, "a 7-Zip archive"),
  ]

  private static func text(_ bytes: [UInt8]) -> (String, String)? {
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    let start = body.drop { $0 <= 0x20 }.prefix(64)
    let head = String(decoding: start, as: UTF8.self).lowercased()
    let convert = "convert it to SubRip, WebVTT, ASS or TTML"
    if head.hasPrefix("<!doctype html") || head.hasPrefix("<html") {
      return ("a web page", "download the subtitle file itself; a page may say why it was not sent")
    }
    if head.hasPrefix("<sami") { return ("SAMI", convert) }
    if head.hasPrefix("<?xml") || head.hasPrefix("<!--") || head.hasPrefix("<!doctype") {
      let root = TTML.rootName(bytes)
      if root == "tt" { return nil }
      return (root.map { "an XML file of '\($0)'" } ?? "an XML file", convert)
    }
    if head.hasPrefix("scenarist_scc") { return ("Scenarist closed captions", convert) }
    if head.hasPrefix("#extm3u") { return ("an HLS playlist", "give the WebVTT files that it lists, joined") }
    if head.hasPrefix("{0}{") || head.hasPrefix("{1}{") { return ("MicroDVD", convert) }
    return nil
  }
}
