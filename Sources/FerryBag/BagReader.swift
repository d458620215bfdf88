package import FerryCore
internal import FerryFiles
internal import Foundation

/// Checks any bag, BagIt 0.93 to 1.0: structure, portable names, sizes and every digest; finds all problems at once,
/// fetches nothing and never writes into the bag.
package enum BagReader {
  /// How many bytes of a file are read at most, given its path and the bag's own sum of its payload (`Payload-Oxum`); a
  /// file that is larger was changed, which is known without reading what may be a terabyte of nothing. `nil`: no limit.
  package typealias Limit = (_ path: BagPath, _ payloadBytes: Int?) -> Int?

  /// What any bag says of itself.
  package static func limit(_ path: BagPath, _ payloadBytes: Int?) -> Int? {
    if path.isPayload { return payloadBytes.map { max($0, FileBytes.longest) } }
    return path.text.contains("/") ? nil : FileBytes.longest
  }

  package static func report(of path: String, limit: @escaping Limit = limit) -> BagReport {
    var reading = BagReading(path, journal: nil, limit)
    reading.run()
    return reading.report
  }

  /// The same, able to go on where a killed reading stopped: digests are noted in the file `journal`, which must be
  /// outside the bag and is removed when the reading is through.
  package static func report(of path: String, resuming journal: String, limit: @escaping Limit = limit)
    throws(Diagnostics) -> BagReport
  {
    let opened = try HashJournal.open(journal, bag: path)
    var reading = BagReading(path, journal: opened, limit)
    reading.run()
    if let problem = opened.finish() { reading.report.problems.append(problem) }
    return reading.report
  }
}

/// One bag being checked: what its tag files say, then one rule after the other (`BagChecks.swift`).
struct BagReading {
  let root: String
  let journal: HashJournal?
  var report = BagReport()
  private(set) var version = BagVersion.current
  private var encoding = String.Encoding.utf8
  private(set) var files: [BagPath: Int] = [:]
  private(set) var folders: Set<BagPath> = []
  private(set) var payloadManifests: [BagManifest] = []
  private(set) var tagManifests: [BagManifest] = []
  private(set) var fetch: BagFetch?
  private(set) var information: BagInformation?
  private var emptyFolders: [String] = []
  let limit: BagReader.Limit

  init(_ root: String, journal: HashJournal?, _ limit: @escaping BagReader.Limit) {
    self.root = root.hasSuffix("/") && root.count > 1 ? String(root.dropLast()) : root
    self.journal = journal
    self.limit = limit
  }

  mutating func run() {
    var status = stat()
    guard stat(root, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return error(
        "bag.missing", Place(root), "there is no such folder", "name the package's folder, the one that holds bagit.txt"
      )
    }
    list("")
    if readDeclaration() {
      readManifests()
      readFetch()
      readInformation()
      check()
    }
    report.problems.sort { ($0.place, $0.message) < ($1.place, $1.message) }
  }

  mutating func error(
    _ code: String, _ place: Place, _ message: String, _ hint: String? = nil, fault: FileFault? = nil
  ) {
    report.problems.append(Diagnostic(.error, code, at: place, message, hint: hint, fault: fault))
  }

  mutating func warn(
    _ code: String, _ place: Place, _ message: String, _ hint: String? = nil, fault: FileFault? = nil
  ) {
    report.problems.append(Diagnostic(.warning, code, at: place, message, hint: hint, fault: fault))
  }

  /// Finds every file below `folder` without following a link.
  private mutating func list(_ folder: String) {
    guard let handle = opendir(root + "/" + folder) else {
      return error(
        "bag.unreadable", Place(folder.isEmpty ? root : folder), "the folder cannot be read", "check its permissions",
        fault: .unreadable)
    }
    defer { closedir(handle) }
    var isEmpty = true
    while let entry = readdir(handle) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if bytes == [0x2E] || bytes == [0x2E, 0x2E] { continue }
      isEmpty = false
      let name = String(decoding: bytes, as: UTF8.self)
      let path = folder.isEmpty ? name : folder + "/" + name
      guard name.utf8.elementsEqual(bytes) else {
        error(
          "bag.name-encoding", Place(path), "its name is not UTF-8, so no manifest can list it",
          "give it a name that every system can write", fault: .unsafeName)
        continue
      }
      add(path)
    }
    if isEmpty && (folder == "data" || BagPath(folder).isPayload) { emptyFolders.append(folder) }
  }

  private mutating func add(_ path: String) {
    var status = stat()
    guard lstat(root + "/" + path, &status) == 0 else {
      return error(
        "bag.unreadable", Place(path), "nothing can be found out about it", "check its permissions", fault: .unreadable)
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      folders.insert(BagPath(path))
      list(path)
    case S_IFREG: files[BagPath(path)] = Int(status.st_size)
    default:
      error(
        "bag.special-file", Place(path), "it is a link or a device, which a bag may not hold",
        "put the file itself in its place", fault: .special)
    }
  }

  // The declaration comes first: it says how to read the rest.

  mutating func missingDeclaration() {
    error(
      "bag.missing-declaration", Place("bagit.txt"), "it is missing, so this is no bag",
      "name the folder that holds bagit.txt", fault: .missingList)
  }

  /// Whether the rest can be read. A folder with a manifest is taken for a bag of the newest version, in UTF-8, where the
  /// declaration does not say: one bad file hides no other.
  private mutating func readDeclaration() -> Bool {
    let place = Place("bagit.txt")
    let isBag = files.keys.contains { $0.text.hasPrefix("manifest-") && $0.text.hasSuffix(".txt") }
    guard files[BagPath("bagit.txt")] != nil else {
      if !isBag { missingDeclaration() }
      return isBag
    }
    guard var bytes = contents("bagit.txt") else { return isBag }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      error("bag.declaration", place, "it begins with a byte-order mark, which BagIt forbids", fault: .mismatched)
      bytes.removeFirst(3)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      error("bag.declaration", place, "it is not UTF-8", fault: .mismatched)
      return isBag
    }
    let lines = TagLine.all(of: text).map(\.text)
    let names = ["BagIt-Version:", "Tag-File-Character-Encoding:"]
    guard lines.count == 2, lines[0].hasPrefix(names[0]), lines[1].hasPrefix(names[1]) else {
      error(
        "bag.declaration", place,
        "it must be exactly the two lines 'BagIt-Version: M.N' and 'Tag-File-Character-Encoding: …'", fault: .mismatched
      )
      return isBag
    }
    let values = zip(lines, names).map { $0.dropFirst($1.utf8.count) }
    let isKnown = readVersion(values[0])
    return readEncoding(values[1]) && (isKnown || isBag)
  }

  private mutating func readVersion(_ written: Substring) -> Bool {
    let place = Place("bagit.txt", line: 1)
    let number = written.trimmingCharacters(in: .whitespaces)
    guard let declared = BagVersion(number) else {
      error("bag.declaration", place, "'\(number)' is no version number", fault: .mismatched)
      return false
    }
    version = declared
    report.version = number
    if !BagVersion.known.contains(declared) {
      error(
        "bag.version", place,
        declared > .current
          ? "version \(number) is newer than 1.0, the newest that ferry knows" : "BagIt never had a version \(number)")
    }
    if written != " " + number {
      if version.isStrict {
        error(
          "bag.declaration", place, "there must be one blank before the version number and none after it",
          fault: .mismatched)
      } else {
        warn("bag.declaration", place, "there are blanks around the version number")
      }
    }
    return true
  }

  private mutating func readEncoding(_ written: Substring) -> Bool {
    let place = Place("bagit.txt", line: 2)
    let name = written.trimmingCharacters(in: .whitespaces)
    guard let known = TagEncoding.named(name) else {
      error("bag.declaration", place, "ferry does not read tag files in '\(name)'", fault: .mismatched)
      return false
    }
    encoding = known
    if version.isStrict && written != " " + name {
      error(
        "bag.declaration", place, "there must be one blank before the encoding and none after it", fault: .mismatched)
    }
    return true
  }

  /// A tag file's bytes; says so where they cannot be had.
  private mutating func contents(_ name: String) -> [UInt8]? {
    guard let size = files[BagPath(name)] else { return nil }
    guard size <= FileBytes.longest else {
      error("bag.too-large", Place(name), "it has \(size) bytes, too many for a tag file", fault: .tooLarge)
      return nil
    }
    do {
      return try FileBytes.read(root + "/" + name, followingLinks: false)
    } catch {
      self.error(
        "bag.unreadable", Place(name), "it cannot be read: \(error)", "check its permissions", fault: .unreadable)
      return nil
    }
  }

  private mutating func text(_ name: String) -> String? {
    guard let bytes = contents(name) else { return nil }
    if encoding == .utf8, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      error("bag.byte-order-mark", Place(name), "it begins with a byte-order mark, which BagIt forbids in UTF-8")
    }
    let text =
      encoding == .utf8
      ? String(validating: bytes, as: UTF8.self) : String(data: Data(bytes), encoding: encoding)
    guard let text else {
      error("bag.encoding", Place(name), "it is not in the encoding that bagit.txt declares", fault: .mismatched)
      return nil
    }
    return String(text.trimmingPrefix("\u{FEFF}"))
  }

  private mutating func readManifests() {
    for path in files.keys.sorted() where !path.text.contains("/") && path.text.hasSuffix(".txt") {
      for (prefix, isTag) in [("manifest-", false), ("tagmanifest-", true)] where path.text.hasPrefix(prefix) {
        readManifest(path.text, algorithm: String(path.text.dropFirst(prefix.count).dropLast(4)), isTag: isTag)
      }
    }
    if payloadManifests.isEmpty {
      error(
        "bag.no-manifest", Place("manifest-sha512.txt"), "there is no payload manifest, so nothing can be checked",
        fault: .missingList)
    } else if !payloadManifests.contains(where: { Checksums.known.contains($0.algorithm) }) {
      error("bag.algorithm", Place(payloadManifests[0].name), "no payload manifest has a checksum that ferry knows")
    }
  }

  private mutating func readManifest(_ name: String, algorithm written: String, isTag: Bool) {
    let algorithm = written.lowercased().filter { $0.isLetter || $0.isNumber }
    if algorithm != written {
      let message = "the checksum's name must be in small letters and digits only: '\(algorithm)'"
      if version.isStrict {
        error("bag.manifest-name", Place(name), message)
      } else {
        warn("bag.manifest-name", Place(name), message)
      }
    }
    guard let text = text(name) else { return }
    let files = files
    let manifest = BagManifest(algorithm: algorithm, name: name, text: text, version: version) { files[$0] != nil }
    report.problems += manifest.faults
    if !Checksums.known.contains(algorithm) {
      warn("bag.algorithm", Place(name), "ferry does not know the checksum '\(algorithm)'; this list is not checked")
    }
    if isTag { tagManifests.append(manifest) } else { payloadManifests.append(manifest) }
  }

  private mutating func readFetch() {
    guard let text = text("fetch.txt") else { return }
    let fetch = BagFetch(text: text, version: version)
    report.problems += fetch.faults
    self.fetch = fetch
  }

  private mutating func readInformation() {
    guard let text = text(version.informationFile) else { return }
    let information = BagInformation(name: version.informationFile, text: text, version: version)
    report.problems += information.faults
    self.information = information
  }

  mutating func checkFolders() {
    for folder in emptyFolders.sorted() {
      if folder == "data" {
        warn("bag.empty-payload", Place(folder), "it is empty, so the bag brings nothing", fault: .empty)
        continue
      }
      warn("bag.empty-folder", Place(folder), "it is an empty folder, which no manifest can list")
    }
    // Where manifests list files in it, each of them is said to be missing.
    let isNamed = payloadManifests.contains { $0.digests.keys.contains(where: \.isPayload) }
    guard !folders.contains(BagPath("data")), !isNamed else { return }
    error("bag.no-payload", Place("data"), "there is no folder 'data', which every bag must have")
  }
}
