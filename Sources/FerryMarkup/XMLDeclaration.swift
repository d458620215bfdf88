package import FerryCore

/// The first line of an XML document, as far as it says how the rest is coded (XML 1.0, 2.8 and 4.3.3).
package struct XMLDeclaration {
  /// `nil` where it names none, which means UTF-8, or one that ferry does not know.
  package let encoding: TextEncoding?

  /// `nil` for what does not begin as XML does.
  package init?(_ bytes: [UInt8]) {
    guard bytes.starts(with: "<?xml".utf8) else { return nil }
    let line = String(decoding: bytes.prefix(200).prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self)
    guard let mention = line.firstRange(of: "encoding") else {
      encoding = nil
      return
    }
    let value = line[mention.upperBound...].drop { " =\t".contains($0) }
    guard let quote = value.first, quote == "\"" || quote == "'" else { return nil }
    let name = String(value.dropFirst().prefix { $0 != quote })
    // An encoding that ferry does not know leaves everything open.
    guard
      let known = TextEncoding(writtenAs: name) ?? (["us-ascii", "ascii"].contains(name.lowercased()) ? .utf8 : nil)
    else { return nil }
    encoding = known
  }
}
