internal import FerryCore
internal import Foundation

/// `bag-info.txt`: labels and values in their order, and what is wrong with the lines.
package struct BagInformation {
  package struct Element: Equatable {
    package var label: String
    package var value: String
    package var line: Int
  }

  package let name: String
  package private(set) var elements: [Element] = []
  private(set) var faults: [Diagnostic] = []

  package init(name: String, text: String, version: BagVersion) {
    self.name = name
    for line in TagLine.all(of: text) { read(line, version) }
    checkReserved()
  }

  /// Values of a label, whose letter case does not matter.
  package func values(_ label: String) -> [Element] { elements.filter { $0.label.lowercased() == label.lowercased() } }

  private mutating func fault(_ severity: Diagnostic.Severity, _ line: Int, _ message: String) {
    faults.append(
      Diagnostic(severity, "bag.information", at: Place(name, line: line), message, fault: .mismatched))
  }

  private mutating func wrongOxum(_ line: Int, _ message: String) {
    faults.append(Diagnostic(.error, "bag.oxum", at: Place(name, line: line), message))
  }

  private mutating func read(_ line: TagLine, _ version: BagVersion) {
    guard let first = line.bytes.first else { return fault(.warning, line.number, "the line is empty") }
    if TagLine.isBlank(first) {
      guard !elements.isEmpty else { return fault(.error, line.number, "it goes on from a line that is not there") }
      let more = String(decoding: line.bytes.drop(while: TagLine.isBlank), as: UTF8.self)
      elements[elements.count - 1].value += "\n" + more
      return
    }
    guard let colon = line.bytes.firstIndex(of: UInt8(ascii: ":")) else {
      return fault(.error, line.number, "'\(line.text)' is not '<label>: <value>'")
    }
    let written = line.bytes[..<colon]
    let rest = line.bytes[(colon + 1)...]
    let label = String(decoding: written, as: UTF8.self).trimmingCharacters(in: .whitespaces)
    if label.isEmpty { fault(.error, line.number, "there is no label before the colon") }
    if version.isStrict {
      if written.last.map(TagLine.isBlank) == true { fault(.error, line.number, "there is a blank before the colon") }
      if rest.first.map(TagLine.isBlank) != true { fault(.error, line.number, "there is no blank after the colon") }
    }
    elements.append(
      Element(
        label: label, value: String(decoding: rest, as: UTF8.self).trimmingCharacters(in: .whitespaces),
        line: line.number))
  }

  private mutating func checkReserved() {
    for label in ["Bagging-Date", "Bag-Size", "Bag-Group-Identifier", "Bag-Count"] {
      for again in values(label).dropFirst() { fault(.warning, again.line, "\(label) should be there once only") }
    }
    for date in values("Bagging-Date") where Day(date.value) == nil {
      fault(.warning, date.line, "Bagging-Date '\(date.value)' is no date of the form YYYY-MM-DD")
    }
    for count in values("Bag-Count") where count.value.wholeMatch(of: /[0-9]+ of ([0-9]+|\?)/) == nil {
      fault(.warning, count.line, "Bag-Count '\(count.value)' is not of the form 'N of T'")
    }
    for again in values("Payload-Oxum").dropFirst() {
      wrongOxum(again.line, "Payload-Oxum must be there once only")
    }
    if let first = values("Payload-Oxum").first, oxum == nil {
      wrongOxum(first.line, "Payload-Oxum '\(first.value)' is not '<bytes>.<files>'")
    }
  }

  /// Bytes and number of the payload's files, where they are said in the right form.
  package var oxum: (bytes: Int, files: Int)? {
    guard let match = values("Payload-Oxum").first?.value.wholeMatch(of: /([0-9]+)\.([0-9]+)/),
      let bytes = Int(match.1), let files = Int(match.2)
    else { return nil }
    return (bytes, files)
  }
}
