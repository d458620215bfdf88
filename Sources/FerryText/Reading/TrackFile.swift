package import FerryCore
internal import Glibc

/// A subtitle file on its way to a track: bytes, text, format, cues, with everything wrong said at once.
package enum TrackFile {
  /// A whole evening of subtitles has less than one MiB; a million cues have a hundred.
  package static let sizeLimit = 256 << 20

  /// Reads the file at `path`, once.
  package static func read(
    path: String, language: LanguageTag, encoding: TextEncoding? = nil
  ) throws(Diagnostics) -> (track: Track, warnings: [Diagnostic]) {
    try read(bytes: contents(path), file: path, language: language, encoding: encoding)
  }

  /// Reads a file's bytes; `file` is its name in messages, and `encoding` is set only where the job forces one.
  package static func read(
    bytes: [UInt8], file: String, language: LanguageTag, encoding: TextEncoding? = nil
  ) throws(Diagnostics) -> (track: Track, warnings: [Diagnostic]) {
    let (track, findings) = examine(bytes: bytes, file: file, language: language, encoding: encoding)
    guard let track, !findings.contains(where: { $0.severity == .error }) else { throw Diagnostics(findings) }
    return (track, findings)
  }

  /// The track of the file at `path` as far as it can be read, and all that is wrong with it.
  package static func examine(
    path: String, language: LanguageTag, encoding: TextEncoding? = nil
  ) -> (track: Track?, problems: [Diagnostic]) {
    do throws(Diagnostics) {
      let (track, findings) = examine(
        bytes: try contents(path), file: path, language: language, encoding: encoding)
      return (track, findings)
    } catch {
      return (nil, error.all)
    }
  }

  /// The file's text in UTF-8 with damage of earlier wrong conversions undone, and what was done; `nil` where there is
  /// none, or none that can be undone exactly.
  package static func repaired(
    path: String, language: LanguageTag, encoding: TextEncoding? = nil
  ) throws(Diagnostics) -> (bytes: [UInt8], description: String)? {
    var findings = Findings(file: path)
    guard let text = SourceText(try contents(path), language: language, forced: encoding, findings: &findings) else {
      throw Diagnostics(findings.all)
    }
    return MojibakeRepair.repaired(text.utf8).map { ($0.text, $0.description) }
  }

  /// The track as far as it can be read, and all findings; `nil` when not even the text can be.
  package static func examine(
    bytes: [UInt8], file: String, language: LanguageTag, encoding: TextEncoding? = nil
  ) -> (track: Track?, findings: [Diagnostic]) {
    var findings = Findings(file: file)
    if let kind = FileKind(bytes) {
      findings.error("text.kind", kind.message, hint: kind.hint)
      return (nil, findings.all)
    }
    guard let text = SourceText(bytes, language: language, forced: encoding, findings: &findings) else {
      return (nil, findings.all)
    }
    // Signatures of text formats, once more: in UTF-16 they are not seen in the bytes.
    if let kind = FileKind(text.utf8) {
      findings.error("text.kind", kind.message, hint: kind.hint)
      return (nil, findings.all)
    }
    let (format, body) = format(of: text.utf8, findings: &findings)
    if let named = Track.Format(fileName: file), named != format { findings.note(.otherFormat(format)) }
    let (cues, lines) =
      switch format {
      case .subRip: SubRip.read(body, findings: &findings)
      case .webVTT: WebVTT.read(body, findings: &findings)
      case .ass: ASS.read(body, findings: &findings)
      case .ttml: TTML.read(body, findings: &findings)
      }
    let track = Track(language: language, format: format, encoding: text.decision, cues: cues, cueLines: lines)
    return (track, findings.all)
  }

  /// What the text is, whatever the file is called; a WebVTT signature is moved to where it belongs.
  private static func format(of text: [UInt8], findings: inout Findings) -> (Track.Format, [UInt8]) {
    if WebVTT.isSignature(text[...]) { return (.webVTT, text) }
    if TTML.rootName(text) == "tt" { return (.ttml, text) }
    let body = text.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A }
    if ASS.isSignature(body) { return (.ass, text) }
    guard WebVTT.isSignature(body) else { return (.subRip, text) }
    findings.note(.blankBeforeSignature)
    // Blank lines go behind the signature, so that later lines keep their numbers.
    let blankLines = text[..<body.startIndex].count { $0 == 0x0A }
    let firstLine = body.prefix { $0 != 0x0A }
    return (.webVTT, firstLine + [UInt8](repeating: 0x0A, count: blankLines + 1) + body.dropFirst(firstLine.count + 1))
  }

  private static func contents(_ path: String) throws(Diagnostics) -> [UInt8] {
    func failure(_ code: String, _ message: String, _ hint: String) -> Diagnostics {
      Diagnostics(Diagnostic(.error, code, at: Place(path), message, hint: hint))
    }
    // A pipe without a writer would block an ordinary open.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT
        ? failure("text.missing", "the subtitle file does not exist", "check its name and folder")
        : failure("text.unreadable", "the subtitle file cannot be opened: \(systemMessage())", "check its permissions")
    }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else {
      throw failure("text.unreadable", "the subtitle file cannot be read: \(systemMessage())", "check the disk")
    }
    guard facts.st_mode & S_IFMT != S_IFDIR else {
      throw failure("text.folder", "this is a folder, not a subtitle file", "name the file in it")
    }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw failure("text.unreadable", "this is not an ordinary file", "give a subtitle file")
    }
    guard facts.st_size <= sizeLimit else { throw tooLarge(path) }
    // One byte more than the file is said to have shows when it has grown since.
    var bytes = [UInt8](repeating: 0, count: Int(facts.st_size) + 1)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
      }
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        throw failure("text.unreadable", "the subtitle file cannot be read: \(systemMessage())", "check the disk")
      }
      count += got
    }
    guard count < bytes.count else {
      throw failure("text.unreadable", "the subtitle file grew while it was read", "try again when it is complete")
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  private static func tooLarge(_ path: String) -> Diagnostics {
    Diagnostics(
      Diagnostic(
        .error, "text.too-large", at: Place(path),
        "the file is larger than \(sizeLimit >> 20) MiB, which no subtitle file is",
        hint: FileKind.hint))
  }

  private static func systemMessage() -> String { String(cString: strerror(errno)) }
}

extension Track.Format {
  /// The format that a file's name says, if any.
  package init?(fileName: String) {
    switch fileName.split(separator: ".").last?.lowercased() {
    case "srt": self = .subRip
    case "vtt": self = .webVTT
    case "ass", "ssa": self = .ass
    case "ttml", "dfxp": self = .ttml
    default: return nil
    }
  }
}
