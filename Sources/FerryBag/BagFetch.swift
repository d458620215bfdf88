internal import FerryCore

/// `fetch.txt`: payload files that are elsewhere. Ferry never fetches: what is still to come is missing.
struct BagFetch {
  struct Entry: Equatable {
    var address: String
    var length: Int?
    var path: BagPath
    var line: Int
  }

  private(set) var entries: [Entry] = []
  private(set) var faults: [Diagnostic] = []
  private var seen: Set<BagPath> = []

  init(text: String, version: BagVersion) {
    for line in TagLine.all(of: text) { read(line, version) }
  }

  private mutating func fault(
    _ severity: Diagnostic.Severity, _ code: String, _ line: TagLine, _ message: String, fault: FileFault? = nil
  ) {
    faults.append(Diagnostic(severity, code, at: Place("fetch.txt", line: line.number), message, fault: fault))
  }

  private mutating func read(_ line: TagLine, _ version: BagVersion) {
    if line.bytes.isEmpty { return fault(.warning, "bag.fetch", line, "the line is empty") }
    let words = line.words(3)
    guard words.count == 3 else { return fault(.error, "bag.fetch", line, "it is not '<address> <length> <path>'") }
    let address = String(decoding: words[0], as: UTF8.self)
    let length = String(decoding: words[1], as: UTF8.self)
    guard length == "-" || length.wholeMatch(of: /[0-9]+/) != nil else {
      return fault(.error, "bag.fetch", line, "the length '\(length)' is neither a number nor '-'")
    }
    if address.prefixMatch(of: /[A-Za-z][A-Za-z0-9+.\-]*:[^\s]/) == nil {
      fault(.error, "bag.fetch", line, "'\(address)' is no absolute address")
    }
    let decoded = PathEncoding.decoded(words[2])
    if decoded.hasStrayPercent && version.isStrict {
      fault(.error, "bag.fetch", line, "the path has a percent sign that is not %25, %0A or %0D")
    }
    let path = BagPath(decoded.path)
    if let danger = path.danger {
      return fault(.error, "bag.unsafe-path", line, "the path '\(path.text)' \(danger)", fault: .unsafeName)
    }
    if !path.isPayload {
      fault(.error, "bag.fetch", line, "'\(path.text)' is not below data/, and only payload is fetched")
    }
    if !seen.insert(path).inserted { fault(.warning, "bag.fetch", line, "'\(path.text)' is listed again") }
    entries.append(Entry(address: address, length: Int(length), path: path, line: line.number))
  }
}
