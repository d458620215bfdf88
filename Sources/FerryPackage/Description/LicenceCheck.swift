internal import FerryCore
internal import FerryMarkup

/// `LICENSE.txt` against the delivery manifest: who delivers, the delivery's licence, and each lesson's own.
///
/// Any sentence around them will do. A line that begins with a lesson's id and a colon is about that lesson; all before
/// the first of these is about the delivery.
extension DescriptionCheck {
  mutating func checkLicences() {
    let path = "data/LICENSE.txt"
    guard let text = text(path) else { return }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let known = licenceAddresses
    var own: [String: (line: Int, text: String)] = [:]
    var common: [String] = []
    for (index, line) in lines.enumerated() {
      for address in addresses(line) where !known.contains(address) {
        problem(Place(path, line: index + 1), "the licences are not those of the delivery manifest: \(address)")
      }
      if let lesson = manifest.lessons.first(where: { line.hasPrefix($0.id + ":") }) {
        own[lesson.id] = (index + 1, line)
      } else if own.isEmpty {
        common.append(line)
      }
    }
    let head = common.joined(separator: " ")
    expect([manifest.licence], CheckMe.licenceAddress(manifest.licence), in: head, Place(path, line: 1))
    let sender = PlainText.line(manifest.sender.name)
    if !head.contains(sender) {
      problem(Place(path, line: 1), "it does not name '\(sender)', who delivers by the delivery manifest")
    }
    for lesson in manifest.lessons {
      if let line = own[lesson.id] {
        let words = [lesson.licence] + [lesson.credit.map(PlainText.line)].compactMap { $0 }
        expect(words, CheckMe.licenceAddress(lesson.licence), in: line.text, Place(path, line: line.line))
      } else if lesson.licence != manifest.licence || lesson.credit != nil {
        problem(Place(path), "it says nothing of \(lesson.id), whose licence or credit is its own")
      }
    }
  }

  /// That a text names a licence, where it can be read, and whom to credit.
  private mutating func expect(_ words: [String], _ address: String, in text: String, _ place: Place) {
    let known = licenceAddresses
    for word in words where !text.contains(word) {
      problem(place, "the licences are not those of the delivery manifest: '\(word)' is missing")
    }
    let said = addresses(text)
    // One that nobody of the delivery has was named with its line.
    if said != [address], !said.contains(where: { !known.contains($0) }) {
      problem(place, "the licences are not those of the delivery manifest: '\(address)' alone belongs here")
    }
  }

  private var licenceAddresses: Set<String> {
    Set(([manifest.licence] + manifest.lessons.map(\.licence)).map(CheckMe.licenceAddress))
  }

  private func addresses(_ text: String) -> [String] {
    text.split { $0.isWhitespace || "()<>\"".contains($0) }.map(String.init).filter { $0.hasPrefix("https://") }
  }
}
