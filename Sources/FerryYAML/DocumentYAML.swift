package import FerryCore

extension Document {
  /// A job of twenty titles has some 8 kB; what is larger is no job file.
  private static let sizeLimit = 256 << 10

  /// Reads YAML, or JSON, which is YAML too; throws one diagnostic for text that is neither.
  ///
  /// Anchors, aliases, tags and several documents in one file are refused: a job says everything where it means it, and
  /// ten lines of aliases can stand for gigabytes.
  package static func reading(bytes: [UInt8], file: String) throws(Diagnostics) -> Document {
    if bytes.count > sizeLimit {
      throw Diagnostics(
        Diagnostic(
          "job.too-large", at: Place(file), "the file has \(bytes.count) bytes, a job may have \(sizeLimit)",
          hint: "check that it is a job file, or split it into several jobs"))
    }
    var composing = YAMLComposing(try decoded(bytes, file), file: file)
    try composing.refuseUnprintable()
    guard let root = try composing.root() else {
      throw Diagnostics(
        Diagnostic(
          "job.empty", at: Place(file), "the file is empty", hint: "copy the example in the README and fill it in"))
    }
    return Document(file: file, root: root)
  }

  private static func decoded(_ bytes: [UInt8], _ file: String) throws(Diagnostics) -> String {
    let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    do throws(UTF8.ValidationError) {
      return String(copying: try UTF8Span(validating: bytes.span.extracting(droppingFirst: mark)))
    } catch {
      let offset = error.byteOffsets.lowerBound + mark
      let line = bytes[..<offset].count { $0 == 0x0A } + 1
      throw Diagnostics(
        Diagnostic(
          "job.encoding", at: Place(file, line: line), "the file is not UTF-8 from byte \(offset) on",
          hint: "save it as UTF-8 (in an editor: Save with Encoding, UTF-8)"))
    }
  }
}
