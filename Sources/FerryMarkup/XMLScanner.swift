internal import FerryCore

/// Why a text is no XML, or XML that ferry does not take.
package struct XMLFault: Error {
  package let code: String
  package let line: Int
  package let column: Int
  package let message: String
  package let hint: String

  package init(code: String, line: Int, column: Int, message: String, hint: String) {
    (self.code, self.line, self.column, self.message, self.hint) = (code, line, column, message, hint)
  }
}

/// The elements and texts of an XML 1.0 document, one after the other, in one pass over its bytes.
///
/// Small on purpose: no document type, no entities but the five of XML itself, and a limit to everything that nests or
/// repeats, so that no document can make it read another file, grow or wait.
package struct XMLScanner {
  package enum Token { case start, end, text, finished }

  package struct Attribute {
    package var name: Range<Int>
    package var value: String
    package var line: Int
    package var column: Int
  }

  package static let depthLimit = 64
  package static let attributeLimit = 64
  package static let nameLimit = 128
  /// A feature film's subtitles have a tenth of this.
  package static let elementLimit = 250_000

  package let bytes: [UInt8]
  /// Of the element that starts or ends here.
  package private(set) var name = 0..<0
  package private(set) var attributes: [Attribute] = []
  /// The characters of a text, references replaced.
  package private(set) var text: [UInt8] = []
  /// Where this token begins.
  package private(set) var line = 1
  package private(set) var column = 1
  /// How many elements are open; an element that starts here counts.
  package var depth: Int { open.count }

  private var index = 0
  private var open: [Range<Int>] = []
  private var endsAtOnce = false
  private var hadRoot = false
  private var elements = 0
  /// Places are counted on from the last one, so that all of them together cost one pass.
  private var counted = 0
  private var countedLine = 1
  private var countedColumn = 1

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package mutating func next() throws(XMLFault) -> Token {
    if endsAtOnce {
      endsAtOnce = false
      open.removeLast()
      return .end
    }
    text.removeAll(keepingCapacity: true)
    (line, column) = place(index)
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "<") {
        if starts("<!--") {
          try skip(past: "-->", from: 4, "a comment")
        } else if starts("<?") {
          try skip(past: "?>", from: 2, "a processing instruction")
        } else if starts("<![CDATA[") {
          try takeSection()
        } else if starts("<!") {
          throw doctype()
        } else if !text.isEmpty {
          return .text
        } else {
          (line, column) = place(index)
          return try takeTag()
        }
      } else {
        try takeCharacters()
      }
      if open.isEmpty { text.removeAll(keepingCapacity: true) }
    }
    if !text.isEmpty { return .text }
    guard let last = open.last else {
      guard hadRoot else { throw fault("xml.malformed", index, "there is no element", "give a whole TTML file") }
      return .finished
    }
    throw fault(
      "xml.malformed", index, "the document ends inside the element '\(string(last))'",
      "the file was cut off: get it again")
  }

  package func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  // Markup

  private mutating func takeTag() throws(XMLFault) -> Token {
    let isEnd = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "/")
    let start = index
    index += isEnd ? 2 : 1
    name = try takeName("the name of an element belongs behind '<'", "write '&lt;' for the character '<'")
    if isEnd {
      skipBlanks()
      try expect(UInt8(ascii: ">"), "the end tag of '\(string(name))' is not closed by '>'")
      guard let last = open.popLast() else {
        throw fault("xml.malformed", start, "'</\(string(name))>' ends what was not begun", "remove it")
      }
      guard bytes[last] == bytes[name] else {
        throw fault(
          "xml.malformed", start, "'</\(string(name))>' stands where '</\(string(last))>' belongs",
          "close elements in order")
      }
      return .end
    }
    guard !open.isEmpty || !hadRoot else {
      throw fault("xml.malformed", start, "a second document begins behind the first", "keep one of them")
    }
    hadRoot = true
    elements += 1
    guard elements <= XMLScanner.elementLimit else {
      throw fault(
        "xml.limit", start, "there are more than \(XMLScanner.elementLimit) elements", "no subtitle file has so many")
    }
    guard open.count < XMLScanner.depthLimit else {
      throw fault(
        "xml.limit", start, "elements stand more than \(XMLScanner.depthLimit) deep in one another",
        "no subtitle file needs that")
    }
    try takeAttributes()
    open.append(name)
    if bytes[index] == UInt8(ascii: "/") {
      index += 1
      endsAtOnce = true
    }
    try expect(UInt8(ascii: ">"), "the tag '\(string(name))' is not closed by '>'")
    return .start
  }

  /// Up to the `>` or `/` that ends the tag.
  private mutating func takeAttributes() throws(XMLFault) {
    attributes.removeAll(keepingCapacity: true)
    while true {
      let before = index
      skipBlanks()
      guard index < bytes.count else {
        throw fault("xml.malformed", index, "the document ends inside a tag", "the file was cut off: get it again")
      }
      if bytes[index] == UInt8(ascii: ">") || bytes[index] == UInt8(ascii: "/") { return }
      guard index > before else {
        throw fault(
          "xml.malformed", index, "a blank is missing before this attribute", "write a blank between attributes")
      }
      guard attributes.count < XMLScanner.attributeLimit else {
        throw fault(
          "xml.limit", index, "an element has more than \(XMLScanner.attributeLimit) attributes",
          "no subtitle file needs that")
      }
      let start = index
      let (line, column) = place(index)
      let name = try takeName("this is no attribute", "write attributes as name=\"value\"")
      guard !attributes.contains(where: { bytes[$0.name] == bytes[name] }) else {
        throw fault("xml.malformed", start, "the attribute '\(string(name))' is there twice", "remove one")
      }
      skipBlanks()
      try expect(UInt8(ascii: "="), "the attribute '\(string(name))' has no value")
      skipBlanks()
      attributes.append(Attribute(name: name, value: try takeValue(of: name), line: line, column: column))
    }
  }

  private mutating func takeValue(of name: Range<Int>) throws(XMLFault) -> String {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'") else {
      throw fault("xml.malformed", index, "the value of '\(string(name))' is not in quotes", "write it in quotes")
    }
    let start = index
    let quote = bytes[index]
    index += 1
    var value: [UInt8] = []
    while index < bytes.count, bytes[index] != quote {
      switch bytes[index] {
      case UInt8(ascii: "&"): value += try takeReference()
      case UInt8(ascii: "<"):
        throw fault(
          "xml.malformed", index, "'<' stands in the value of '\(string(name))'", "write '&lt;', or close the quotes")
      case 0x09, 0x0A, 0x0D:
        value.append(0x20)
        index += 1
      case let byte:
        value.append(byte)
        index += 1
      }
    }
    guard index < bytes.count else {
      throw fault("xml.malformed", start, "the quotes of '\(string(name))' are not closed", "close them")
    }
    index += 1
    return String(decoding: value, as: UTF8.self)
  }

  private mutating func takeCharacters() throws(XMLFault) {
    let start = index
    while index < bytes.count, bytes[index] != UInt8(ascii: "<"), bytes[index] != UInt8(ascii: "&") { index += 1 }
    if open.isEmpty {
      // A byte-order mark may come first; nothing else may but blanks.
      let outside = start == 0 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : start
      if let stray = bytes[outside..<index].firstIndex(where: { !isBlank($0) }) {
        throw fault("xml.malformed", stray, "text stands outside the document's element", "remove it")
      }
      guard index == bytes.count || bytes[index] == UInt8(ascii: "<") else {
        throw fault("xml.malformed", index, "text stands outside the document's element", "remove it")
      }
      return
    }
    text += bytes[start..<index]
    if index < bytes.count, bytes[index] == UInt8(ascii: "&") { text += try takeReference() }
  }

  private mutating func takeSection() throws(XMLFault) {
    guard !open.isEmpty else {
      throw fault("xml.malformed", index, "text stands outside the document's element", "remove it")
    }
    let start = index + 9
    try skip(past: "]]>", from: 9, "a CDATA section")
    text += bytes[start..<(index - 3)]
  }

  /// What `&…;` stands for.
  private mutating func takeReference() throws(XMLFault) -> [UInt8] {
    let start = index
    let body = bytes[(index + 1)..<min(bytes.count, index + 1 + XMLScanner.nameLimit)]
      .prefix { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "_") }
    guard !body.isEmpty, body.endIndex < bytes.count, bytes[body.endIndex] == UInt8(ascii: ";") else {
      throw fault("xml.malformed", start, "'&' stands alone", "write '&amp;' for the character '&'")
    }
    index = body.endIndex + 1
    let name = String(decoding: body, as: UTF8.self)
    switch name {
    case "amp": return [UInt8(ascii: "&")]
    case "lt": return [UInt8(ascii: "<")]
    case "gt": return [UInt8(ascii: ">")]
    case "quot": return [UInt8(ascii: "\"")]
    case "apos": return [UInt8(ascii: "'")]
    default: break
    }
    guard name.hasPrefix("#") else {
      throw fault(
        "xml.entity", start, "the entity '&\(name);' is not one of XML's own five", "write the character itself")
    }
    let isHex = name.hasPrefix("#x")
    let number = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10)
    guard let number, let scalar = Unicode.Scalar(number), XMLScanner.isCharacter(scalar) else {
      throw fault("xml.malformed", start, "'&\(name);' is no character that XML allows", "remove it")
    }
    return Array(String(Character(scalar)).utf8)
  }

  /// Whether XML 1.0 can hold a character at all, even as a reference.
  package static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  // Bytes

  private mutating func takeName(_ message: String, _ hint: String) throws(XMLFault) -> Range<Int> {
    let start = index
    while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
    guard index > start, !bytes[start].isASCIIDigit, bytes[start] != 0x2D, bytes[start] != 0x2E else {
      throw fault("xml.malformed", start, message, hint)
    }
    guard index - start <= XMLScanner.nameLimit else {
      throw fault(
        "xml.limit", start, "a name has more than \(XMLScanner.nameLimit) bytes", "no subtitle file needs that")
    }
    return start..<index
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    byte.isASCIIAlphanumeric || byte >= 0x80 || byte == 0x3A || byte == 0x5F || byte == 0x2D || byte == 0x2E
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D }

  private mutating func skipBlanks() {
    while index < bytes.count, isBlank(bytes[index]) { index += 1 }
  }

  private func starts(_ text: StaticString) -> Bool {
    guard index + text.utf8CodeUnitCount <= bytes.count else { return false }
    return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[index + $0] == text.utf8Start[$0] }
  }

  private mutating func expect(_ byte: UInt8, _ message: String) throws(XMLFault) {
    guard index < bytes.count, bytes[index] == byte else { throw fault("xml.malformed", index, message, "complete it") }
    index += 1
  }

  private mutating func skip(past end: StaticString, from offset: Int, _ what: String) throws(XMLFault) {
    let start = index
    index += offset
    while index < bytes.count {
      if starts(end) {
        index += end.utf8CodeUnitCount
        return
      }
      index += 1
    }
    throw fault("xml.malformed", start, "\(what) is not closed", "close it")
  }

  private mutating func doctype() -> XMLFault {
    fault(
      "xml.doctype", index,
      "the document has a DOCTYPE or other declaration, which can make a reader fetch or grow without end",
      "remove it: TTML has none")
  }

  /// The line and column of a byte at or behind the last one asked for.
  private mutating func place(_ offset: Int) -> (line: Int, column: Int) {
    while counted < offset {
      if bytes[counted] == 0x0A {
        (countedLine, countedColumn) = (countedLine + 1, 1)
      } else if bytes[counted] & 0xC0 != 0x80 {
        countedColumn += 1
      }
      counted += 1
    }
    return (countedLine, countedColumn)
  }

  private func fault(_ code: String, _ offset: Int, _ message: String, _ hint: String) -> XMLFault {
    let (line, column) = placeAtEnd(of: bytes[..<min(offset, bytes.count)])
    return XMLFault(code: code, line: line, column: column, message: message, hint: hint)
  }
}
