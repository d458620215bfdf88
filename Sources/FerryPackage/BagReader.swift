internal import FerryCore
internal import Foundation

/// Checks any bag, BagIt 0.93 to 1.0: structure, portable names, sizes and every digest; finds all problems at once and
/// never writes.
package enum BagReader {
  package static func report(of path: String) -> BagReport {
    var reading = BagReading(path)
    reading.run()
    return reading.report
  }
}

/// One bag being checked.
private struct BagReading {
  private let root: String
  private(set) var report = BagReport()
  private var version = BagVersion(1, 0)
  private var encoding = String.Encoding.utf8
  private var files: [BagPath: Int] = [:]
  private var payloadManifests: [BagManifest] = []
  private var tagManifests: [BagManifest] = []
  private var fetched: Set<BagPath> = []

  init(_ root: String) { self.root = root.hasSuffix("/") && root.count > 1 ? String(root.dropLast()) : root }

  mutating func run() {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: root, isDirectory: &isFolder), isFolder.boolValue else {
      return error(
        "bag.missing", root, "there is no such folder", "name the package's folder, the one that holds bagit.txt")
    }
    list("")
    guard readDeclaration() else { return }
    readManifests()
    readFetch()
    checkInformation()
    checkPayload()
    checkTagFiles()
    checkNames()
    checkDigests()
    report.problems.sort { ($0.place, $0.message) < ($1.place, $1.message) }
  }

  private mutating func error(_ code: String, _ file: String, _ message: String, _ hint: String? = nil) {
    report.problems.append(Diagnostic(.error, code, at: Place(file), message, hint: hint))
  }

  private mutating func warn(_ code: String, _ file: String, _ message: String, _ hint: String? = nil) {
    report.problems.append(Diagnostic(.warning, code, at: Place(file), message, hint: hint))
  }

  /// Finds every file below `folder` without following a link.
  private mutating func list(_ folder: String) {
    guard let handle = opendir(root + "/" + folder) else {
      return error("bag.unreadable", folder, "the folder cannot be read", "check its permissions")
    }
    defer { closedir(handle) }
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let path = folder.isEmpty ? name : folder + "/" + name
      var status = stat()
      guard lstat(root + "/" + path, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: list(path)
      case S_IFREG: files[BagPath(path)] = Int(status.st_size)
      default: error("bag.special-file", path, "it is a link or a device, which a bag may not hold")
      }
    }
  }

  // The declaration comes first: it says how to read the rest.

  private mutating func readDeclaration() -> Bool {
    guard let bytes = contents("bagit.txt") else {
      error(
        "bag.missing-declaration", "bagit.txt", "it is missing, so this is no bag",
        "name the folder that holds bagit.txt")
      return false
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      error("bag.declaration", "bagit.txt", "it begins with a byte-order mark, which BagIt forbids")
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    let names = ["BagIt-Version: ", "Tag-File-Character-Encoding: "]
    guard lines.count == 2, lines[0].trimmingPrefix("\u{FEFF}").hasPrefix(names[0]), lines[1].hasPrefix(names[1]) else {
      error(
        "bag.declaration", "bagit.txt",
        "it must be exactly the two lines 'BagIt-Version: M.N' and 'Tag-File-Character-Encoding: …'")
      return false
    }
    let number = lines[0].trimmingPrefix("\u{FEFF}").dropFirst(names[0].count)
    let declared = number.prefix { !$0.isWhitespace }
    guard let known = BagVersion(declared) else {
      error("bag.declaration", "bagit.txt", "'\(declared)' is no version number")
      return false
    }
    version = known
    report.version = String(declared)
    if number.endIndex != declared.endIndex && known >= BagVersion(1, 0) {
      warn("bag.declaration", "bagit.txt", "there are blanks after the version number")
    }
    if known > BagVersion(1, 0) {
      error("bag.version", "bagit.txt", "version \(declared) is newer than 1.0, the newest that ferry knows")
    }
    switch lines[1].dropFirst(names[1].count).trimmingCharacters(in: .whitespaces).uppercased() {
    case "UTF-8": encoding = .utf8
    case "UTF-16": encoding = .utf16
    case "ISO-8859-1": encoding = .isoLatin1
    case let other:
      error("bag.declaration", "bagit.txt", "ferry does not read tag files in '\(other)'")
      return false
    }
    return true
  }

  private func contents(_ name: String) -> [UInt8]? {
    guard files[BagPath(name)] != nil, let data = FileManager.default.contents(atPath: root + "/" + name) else {
      return nil
    }
    return Array(data)
  }

  private mutating func text(_ name: String) -> String? {
    guard let bytes = contents(name) else { return nil }
    guard let text = String(bytes: bytes, encoding: encoding) else {
      error("bag.encoding", name, "it is not in the encoding that bagit.txt declares")
      return nil
    }
    return text
  }

  private mutating func readManifests() {
    for path in files.keys.sorted() where !path.text.contains("/") && path.text.hasSuffix(".txt") {
      for (prefix, isTag) in [("manifest-", false), ("tagmanifest-", true)] where path.text.hasPrefix(prefix) {
        let algorithm = path.text.dropFirst(prefix.count).dropLast(4).lowercased().replacing("-", with: "")
        guard let text = text(path.text) else { continue }
        let manifest = BagManifest(algorithm: algorithm, name: path.text, text: text, version: version)
        for fault in manifest.faults {
          if fault.isError {
            error("bag.manifest-line", path.text, fault.message)
          } else {
            warn("bag.manifest-line", path.text, fault.message)
          }
        }
        if !Checksums.known.contains(algorithm) {
          warn("bag.algorithm", path.text, "ferry does not know the checksum '\(algorithm)'; this list is not checked")
        }
        if isTag { tagManifests.append(manifest) } else { payloadManifests.append(manifest) }
      }
    }
    if payloadManifests.isEmpty {
      error("bag.no-manifest", "manifest-sha512.txt", "there is no payload manifest, so nothing can be checked")
    } else if !payloadManifests.contains(where: { Checksums.known.contains($0.algorithm) }) {
      error("bag.algorithm", payloadManifests[0].name, "no payload manifest has a checksum that ferry knows")
    }
  }

  /// `fetch.txt` lists files to be fetched from elsewhere; ferry fetches nothing.
  private mutating func readFetch() {
    guard let text = text("fetch.txt") else { return }
    for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let parts = line.split(maxSplits: 2, whereSeparator: { $0 == " " || $0 == "\t" })
      guard parts.count == 3, parts[1] == "-" || Int(parts[1]) != nil else {
        error("bag.fetch", "fetch.txt", "line \(index + 1) is not '<address> <length> <path>'")
        continue
      }
      let path = BagPath(String(parts[2]))
      if let danger = path.danger {
        error("bag.unsafe-path", "fetch.txt", "line \(index + 1): the path '\(path.text)' \(danger)")
        continue
      }
      fetched.insert(path)
    }
  }

  private mutating func checkInformation() {
    guard let text = text("bag-info.txt") else { return }
    let name = BagPath("bag-info.txt").text
    var oxum: [String] = []
    for line in text.split(whereSeparator: \.isNewline) where !line.first!.isWhitespace {
      guard let colon = line.firstIndex(of: ":") else {
        error("bag.information", name, "'\(line)' is not '<label>: <value>'")
        continue
      }
      let label = line[..<colon].trimmingCharacters(in: .whitespaces)
      if label.lowercased() == "payload-oxum" {
        oxum.append(line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
      }
    }
    if oxum.count > 1 { error("bag.oxum", name, "Payload-Oxum is there \(oxum.count) times") }
    guard let first = oxum.first else { return }
    let parts = first.split(separator: ".")
    guard parts.count == 2, let bytes = Int(parts[0]), let count = Int(parts[1]) else {
      return error("bag.oxum", name, "Payload-Oxum '\(first)' is not '<bytes>.<files>'")
    }
    let payload = files.filter { $0.key.text.hasPrefix("data/") }
    let actual = (bytes: payload.values.reduce(0, +), count: payload.count)
    // Where listed files are missing, which is said of each, the sum cannot be right.
    let isWhole = payloadManifests.allSatisfy { manifest in manifest.digests.keys.allSatisfy { files[$0] != nil } }
    if isWhole && actual != (bytes, count) {
      error(
        "bag.oxum", name,
        "Payload-Oxum says \(count) files and \(bytes) bytes, there are \(actual.count) files and \(actual.bytes) bytes"
      )
    }
  }

  private mutating func checkPayload() {
    let present = files.keys.filter { $0.text.hasPrefix("data/") }
    report.files = present.count
    report.bytes = present.reduce(0) { $0 + (files[$1] ?? 0) }
    let listed = Set(payloadManifests.flatMap(\.digests.keys))
    for path in listed {
      if let danger = path.danger {
        error("bag.unsafe-path", path.text, "a manifest lists this path, which \(danger)")
      } else if !path.text.hasPrefix("data/") {
        error("bag.manifest-line", path.text, "a payload manifest lists a file that is not below data/")
      } else if files[path] == nil {
        missing(path, fetched.contains(path) ? "it is still to be fetched (fetch.txt)" : "it is listed, but not there")
      }
    }
    for path in present where !listed.contains(path) {
      error(
        "bag.unexpected-file", path.text, "it is there, but no manifest lists it", "it may not belong to the delivery")
    }
    for path in fetched where !listed.contains(path) {
      error("bag.fetch", "fetch.txt", "'\(path.text)' is in no manifest")
    }
    guard version >= BagVersion(1, 0) else { return }
    for manifest in payloadManifests {
      for path in listed where manifest.digests[path] == nil {
        error("bag.manifest-incomplete", manifest.name, "it does not list '\(path.text)', which another manifest lists")
      }
    }
  }

  private mutating func checkTagFiles() {
    for manifest in tagManifests {
      for path in manifest.digests.keys {
        if let danger = path.danger {
          error("bag.unsafe-path", path.text, "\(manifest.name) lists this path, which \(danger)")
        } else if files[path] == nil {
          missing(path, "\(manifest.name) lists it, but it is not there")
        } else if path.text.hasPrefix("tagmanifest-") && version >= BagVersion(1, 0) {
          error("bag.manifest-line", manifest.name, "a tag manifest may not list tag manifests")
        }
      }
    }
    if tagManifests.isEmpty { return }
    for name in payloadManifests.map(\.name) where tagManifests.allSatisfy({ $0.digests[BagPath(name)] == nil }) {
      warn("bag.manifest-unlisted", name, "no tag manifest lists it, so a change in it would not be noticed")
    }
  }

  private mutating func missing(_ path: BagPath, _ message: String) {
    error("bag.missing-file", path.text, message, "copy the package again, or ask the sender for this file")
  }

  /// Names that another system would confuse or refuse.
  private mutating func checkNames() {
    var seen: [String: BagPath] = [:]
    let all = Set(files.keys).union(payloadManifests.flatMap(\.digests.keys))
    for path in all.sorted() {
      let folded = path.text.precomposedStringWithCanonicalMapping.lowercased()
      if let other = seen[folded] {
        warn(
          "bag.confusable-name", path.text,
          "it differs from '\(other.text)' only in letter case or in its accents' form")
      }
      seen[folded] = path
      let name = path.text.split(separator: "/").last.map(String.init) ?? path.text
      if [".DS_Store", "Thumbs.db", "desktop.ini"].contains(name) || name.hasPrefix("._") {
        warn("bag.system-file", path.text, "it is an operating system's own file")
      }
    }
  }

  /// Every digest of every manifest: each file is read once, all cores read.
  private mutating func checkDigests() {
    var wanted: [BagPath: [(manifest: String, algorithm: String, digest: String)]] = [:]
    for manifest in payloadManifests + tagManifests where Checksums.known.contains(manifest.algorithm) {
      for (path, digest) in manifest.digests where files[path] != nil && path.danger == nil {
        wanted[path, default: []].append((manifest.name, manifest.algorithm, digest))
      }
    }
    let order = wanted.keys.sorted { (files[$0] ?? 0, $1) > (files[$1] ?? 0, $0) }
    let found = Found()
    let root = root
    let expectations = order.map { wanted[$0] ?? [] }
    DispatchQueue.concurrentPerform(iterations: order.count) { index in
      let path = order[index]
      let expected = expectations[index]
      do {
        let actual = try Checksums.of(file: root + "/" + path.text, Set(expected.map(\.algorithm)))
        for item in expected where actual[item.algorithm] != item.digest {
          found.add(
            Diagnostic(
              .error, "bag.checksum", at: Place(path.text),
              "it was changed or damaged: its checksum is not the one in \(item.manifest)",
              hint: "copy the package again, or ask the sender for this file"))
        }
      } catch {
        found.add(Diagnostic(.error, "bag.unreadable", at: Place(path.text), "it cannot be read: \(error)"))
      }
    }
    report.problems += found.all
  }

  /// Problems that arrive from several threads.
  private final class Found: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [Diagnostic] = []

    func add(_ one: Diagnostic) { lock.withLock { list.append(one) } }

    var all: [Diagnostic] { lock.withLock { list } }
  }
}
