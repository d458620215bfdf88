internal import FerryCore
internal import FerryFiles
internal import Foundation

/// The rules, each over the whole bag.
extension BagReading {
  mutating func check() {
    checkDeclared()
    checkFolders()
    checkPayload()
    checkFetch()
    checkTagFiles()
    checkNames()
    checkDigests()
    checkOxum()
  }

  /// Where a tag manifest lists the declaration, it is a missing file like any other, which is said there.
  private mutating func checkDeclared() {
    let path = BagPath("bagit.txt")
    if files[path] == nil && !tagManifests.contains(where: { $0.digests[path] != nil }) { missingDeclaration() }
  }

  private mutating func checkOxum() {
    guard let oxum = information?.oxum, let line = information?.values("Payload-Oxum").first?.line else { return }
    let sizes = files.filter { $0.key.isPayload }.values
    let actual = (bytes: sizes.saturatedSum, files: sizes.count)
    // Where files are missing, damaged or too many, which is said of each, the sum cannot be right.
    let isWhole = !report.problems.contains { $0.severity == .error && BagPath($0.place.file).isPayload }
    if isWhole && actual != oxum {
      error(
        "bag.oxum", Place(version.informationFile, line: line),
        "Payload-Oxum says \(oxum.files) files and \(oxum.bytes) bytes, "
          + "there are \(actual.files) files and \(actual.bytes) bytes")
    }
  }

  private mutating func checkPayload() {
    let present = files.keys.filter(\.isPayload)
    report.files = present.count
    report.bytes = present.map { files[$0] ?? 0 }.saturatedSum
    let fetched = Set(fetch?.entries.map(\.path) ?? [])
    var listed: Set<BagPath> = []
    for manifest in payloadManifests {
      for path in manifest.digests.keys where listed.insert(path).inserted {
        checkListed(path, in: manifest, isFetched: fetched.contains(path))
      }
    }
    for path in present where !listed.contains(path) {
      error(
        "bag.unexpected-file", Place(path.text), "it is there, but no manifest lists it",
        "it may not belong to the delivery", fault: .unexpected)
    }
    guard version.isStrict else { return }
    for manifest in payloadManifests {
      for path in listed where manifest.digests[path] == nil {
        error(
          "bag.manifest-incomplete", Place(manifest.name),
          "it does not list '\(path.text)', which another manifest lists")
      }
    }
  }

  private mutating func checkListed(_ path: BagPath, in manifest: BagManifest, isFetched: Bool) {
    if let danger = path.danger {
      error(
        "bag.unsafe-path", Place(path.text), "\(manifest.place(path)) lists this path, which \(danger)",
        fault: .unsafeName)
    } else if let flaw = path.flaw {
      error("bag.manifest-line", manifest.place(path), "the path '\(path.text)' \(flaw)", fault: .mismatched)
    } else if !path.isPayload {
      error(
        "bag.manifest-line", manifest.place(path),
        "it lists '\(path.text)', and a payload manifest lists only files below data/", fault: .mismatched)
    } else if folders.contains(path) {
      error(
        "bag.manifest-line", manifest.place(path), "'\(path.text)' is a folder; a manifest lists files only",
        fault: .mismatched)
    } else if files[path] == nil {
      missing(path, isFetched ? "it is still to be fetched (fetch.txt)" : "it is listed, but not there")
    }
  }

  private mutating func checkFetch() {
    for entry in fetch?.entries ?? [] where entry.path.isPayload {
      let place = Place("fetch.txt", line: entry.line)
      let lists = payloadManifests.filter { $0.digests[entry.path] != nil }
      if lists.isEmpty {
        error("bag.fetch", place, "'\(entry.path.text)' is in no manifest")
      }
      if let length = entry.length, let size = files[entry.path], length != size {
        warn("bag.fetch", place, "'\(entry.path.text)' is there with \(size) bytes, not with \(length)")
      }
    }
  }

  private mutating func checkTagFiles() {
    for manifest in tagManifests {
      for path in manifest.digests.keys { checkListedTag(path, in: manifest) }
    }
    if tagManifests.isEmpty { return }
    for name in payloadManifests.map(\.name) {
      for manifest in tagManifests where manifest.digests[BagPath(name)] == nil {
        let message = "\(manifest.name) does not list it, so a change in it would not be noticed there"
        if version.isStrict {
          error("bag.manifest-unlisted", Place(name), message)
        } else {
          warn("bag.manifest-unlisted", Place(name), message)
        }
      }
    }
    let payloadNames = Set(payloadManifests.map(\.name))
    for path in files.keys.sorted() where !path.isPayload && !isTagManifest(path) && !payloadNames.contains(path.text) {
      guard !tagManifests.contains(where: { $0.digests[path] != nil }) else { continue }
      warn(
        "bag.tag-file-unlisted", Place(path.text), "no tag manifest lists it, so a change in it would not be noticed")
    }
    let tagAlgorithms = Set(tagManifests.map(\.algorithm))
    for manifest in payloadManifests where !tagAlgorithms.contains(manifest.algorithm) {
      warn("bag.algorithm", Place(manifest.name), "there is no tag manifest with \(manifest.algorithm) too")
    }
  }

  private func isTagManifest(_ path: BagPath) -> Bool {
    !path.text.contains("/") && path.text.hasPrefix("tagmanifest-") && path.text.hasSuffix(".txt")
  }

  private mutating func checkListedTag(_ path: BagPath, in manifest: BagManifest) {
    let place = manifest.place(path)
    if let danger = path.danger {
      return error("bag.unsafe-path", Place(path.text), "\(place) lists this path, which \(danger)", fault: .unsafeName)
    }
    if let flaw = path.flaw {
      return error("bag.manifest-line", place, "the path '\(path.text)' \(flaw)", fault: .mismatched)
    }
    if folders.contains(path) {
      return error(
        "bag.manifest-line", place, "'\(path.text)' is a folder; a manifest lists files only", fault: .mismatched)
    }
    if isTagManifest(path) || path.isPayload {
      let message =
        "it lists '\(path.text)', and a tag manifest may not list \(path.isPayload ? "payload" : "tag manifests")"
      if version.isStrict {
        error("bag.manifest-line", place, message, fault: .mismatched)
      } else {
        warn("bag.manifest-line", place, message)
      }
    }
    if files[path] == nil { missing(path, "\(manifest.name) lists it, but it is not there") }
  }

  private mutating func missing(_ path: BagPath, _ message: String) {
    error(
      "bag.missing-file", Place(path.text), message, "copy the package again, or ask the sender for this file",
      fault: .missing)
  }

  /// Names that another system would confuse, refuse or change.
  private mutating func checkNames() {
    var seen: [String: BagPath] = [:]
    let all = Set(files.keys).union(payloadManifests.flatMap(\.digests.keys))
    for path in all.sorted() where path.danger == nil && path.flaw == nil {
      if let other = seen[path.folded] {
        warn(
          "bag.confusable-name", Place(path.text),
          "it differs from '\(other.text)' only in letter case or in its accents' form")
      }
      seen[path.folded] = path
      let name = path.text.split(separator: "/").last.map(String.init) ?? path.text
      if [".DS_Store", "Thumbs.db", "desktop.ini"].contains(name) || name.hasPrefix("._") {
        warn("bag.system-file", Place(path.text), "it is an operating system's own file")
      }
      if let reason = path.unportable { warn("bag.unportable-name", Place(path.text), "its name \(reason)") }
    }
  }

  /// Says so of a file that is larger than it may be: it is not read.
  private mutating func isTooLarge(_ path: BagPath) -> Bool {
    guard let size = files[path], let most = limit(path, information?.oxum?.bytes), size > most else {
      return false
    }
    error(
      "bag.too-large", Place(path.text), "it has \(size) bytes, and at most \(most) are expected: it was not read",
      "copy the package again, or ask the sender for this file", fault: .tooLarge)
    return true
  }

  /// Every digest of every manifest: each file is read once, all cores read.
  private mutating func checkDigests() {
    var wanted: [BagPath: [(manifest: String, algorithm: String, digest: String)]] = [:]
    for manifest in payloadManifests + tagManifests where Checksums.known.contains(manifest.algorithm) {
      for (path, digest) in manifest.digests where files[path] != nil && path.danger == nil {
        wanted[path, default: []].append((manifest.name, manifest.algorithm, digest))
      }
    }
    for path in wanted.keys where isTooLarge(path) { wanted[path] = nil }
    let work = wanted.map { path, expected in
      BagHashing.Work(path: path, size: files[path] ?? 0, algorithms: Set(expected.map(\.algorithm)))
    }
    for (path, outcome) in BagHashing.digests(of: work, below: root, journal: journal) {
      switch outcome {
      case .success(let actual):
        for item in wanted[path] ?? [] where actual[item.algorithm] != item.digest {
          error(
            "bag.checksum", Place(path.text),
            "it was changed or damaged: its checksum is not the one in \(item.manifest)",
            "copy the package again, or ask the sender for this file", fault: .mismatched)
        }
      case .failure(let failure):
        error(
          "bag.unreadable", Place(path.text), "it cannot be read: \(failure)", "check its permissions",
          fault: .unreadable)
      }
    }
  }
}
