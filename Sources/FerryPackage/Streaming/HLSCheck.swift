package import FerryCore
internal import FerryFiles
internal import Foundation

/// Reads a lesson's playlists back as a player would, and compares them with the files they name.
package enum HLSCheck {
  /// Every playlist names files that are there; every byte range is a whole fragment (RFC 8216, 4.3.2.2), the ranges cover
  /// the file, the times add up to its duration, and cues count from the first presentation.
  ///
  /// `unsound` are files that are known to be missing or damaged: nothing is compared with them.
  package static func problems(
    of lesson: DeliveryManifest.Lesson, bag: String, unsound: Set<String> = []
  ) -> [Diagnostic] {
    var assets: [String: DeliveryManifest.Asset] = [:]
    for asset in lesson.assets { assets[asset.path] = asset }
    var problems: [Diagnostic] = []
    var starts: [(file: String, ticks: Int)] = []
    for playlist in lesson.assets where playlist.role == .playlist && !unsound.contains(playlist.path) {
      var checking = PlaylistChecking(path: playlist.path, bag: bag, assets: assets, unsound: unsound)
      checking.run()
      problems += checking.problems
      if let length = checking.length,
        let problem = EqualLengths(of: lesson).problem("it", to: length, at: Place(playlist.path))
      {
        problems.append(problem)
      }
      starts += checking.starts
    }
    // Players go by the pictures, where there are any.
    guard let start = starts.first(where: { assets[$0.file]?.video != nil }) ?? starts.first else { return problems }
    for text in lesson.assets where text.role == .subtitle && text.path.contains("/hls/") {
      guard !unsound.contains(text.path), let data = FileBytes.contents(bag + "/" + text.path)
      else { continue }
      let line = String(decoding: data.prefix(200), as: UTF8.self).split(separator: "\n").dropFirst().first ?? ""
      let map = "X-TIMESTAMP-MAP=MPEGTS:\(start.ticks),LOCAL:00:00:00.000"
      if line != map {
        problems.append(
          Diagnostic(
            "hls.differs", at: Place(text.path, line: 2),
            "its cues do not count from the first presentation of \(start.file): '\(map)' is not there",
            hint: "ask the sender for this lesson's streaming files again"))
      }
    }
    return problems
  }
}

/// One playlist being checked.
private struct PlaylistChecking {
  let path: String
  let bag: String
  let assets: [String: DeliveryManifest.Asset]
  let unsound: Set<String>
  private(set) var problems: [Diagnostic] = []
  /// Of each file with fragments, when its first one begins.
  private(set) var starts: [(file: String, ticks: Int)] = []
  private var end: [String: Int] = [:]
  private var seconds = 0.0
  /// Of all its segments, in milliseconds; `nil` for a playlist of playlists.
  var length: Int? { seconds > 0 ? Int(bounded: seconds * 1000) : nil }
  private var range: (size: Int, offset: Int)?

  init(path: String, bag: String, assets: [String: DeliveryManifest.Asset], unsound: Set<String>) {
    self.path = path
    self.bag = bag
    self.assets = assets
    self.unsound = unsound
  }

  private mutating func problem(_ line: Int, _ message: String) {
    problems.append(
      Diagnostic(
        "hls.differs", at: Place(path, line: line), message,
        hint: "ask the sender for this lesson's streaming files again"))
  }

  mutating func run() {
    guard let data = FileBytes.contents(bag + "/" + path) else { return }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    if lines.first != "#EXTM3U" { return problem(1, "it does not begin with #EXTM3U") }
    for (index, line) in lines.enumerated() { read(line, index + 1) }
    for (file, end) in end {
      guard let asset = assets[file] else { continue }
      if end != asset.size { problem(0, "its ranges end at byte \(end) of \(file), which has \(asset.size)") }
      if let duration = asset.durationMs, (Int(bounded: seconds * 1000) - duration.count).magnitude > 50 {
        problem(0, "its times add up to \(seconds) s, \(file) lasts \(duration.count) ms")
      }
    }
  }

  private mutating func read(_ line: Substring, _ number: Int) {
    if line.hasPrefix("#EXTINF:") {
      guard let length = Double(line.dropFirst(8).prefix { $0 != "," }), length >= 0, length <= PlaylistChecking.longest
      else { return problem(number, "'\(line)' is no length of a segment") }
      seconds += length
    } else if line.hasPrefix("#EXT-X-BYTERANGE:") {
      range = byteRange(line.dropFirst(17))
      if range == nil { problem(number, "'\(line)' is no byte range with an offset") }
    } else if line.hasPrefix("#EXT-X-MAP:") {
      readMap(line, number)
    } else if line.hasPrefix("#") {
      if let name = attribute("URI", in: line) { _ = file(name, number) }
    } else if !line.isEmpty, let file = file(String(line), number), let range {
      readFragment(file, range, number)
      self.range = nil
    }
  }

  /// The initialisation section: from the file's first byte to its first fragment.
  private mutating func readMap(_ line: Substring, _ number: Int) {
    guard let name = attribute("URI", in: line), let file = file(name, number) else { return }
    guard let range = attribute("BYTERANGE", in: line).flatMap({ byteRange(Substring($0)) }), range.offset == 0 else {
      return problem(number, "the initialisation section does not begin the file")
    }
    if boxType(file, at: 0) != "ftyp" { problem(number, "\(file) does not begin with a file type box") }
    end[file] = range.size
  }

  private mutating func readFragment(_ file: String, _ range: (size: Int, offset: Int), _ number: Int) {
    // Between the header and the first fragment lies the index that DASH reads.
    var before = end[file] ?? 0
    while before < range.offset, let box = boxType(file, at: before), ["sidx", "free"].contains(box),
      let size = boxSize(file, at: before), size >= 8
    { before += size }
    if range.offset != before {
      problem(number, "the range begins at byte \(range.offset), the one before it ends at \(before)")
    }
    if boxType(file, at: range.offset) != "moof" {
      problem(number, "no fragment of \(file) begins at byte \(range.offset)")
    } else if !starts.contains(where: { $0.file == file }) {
      readStart(file, header: end[file] ?? 0, fragment: range.offset, number)
    }
    end[file] = range.offset + range.size
  }

  private mutating func readStart(_ file: String, header: Int, fragment: Int, _ number: Int) {
    do {
      starts.append(
        (file, try FirstPresentation.ticks(at: bag + "/" + file, header: header, fragment: fragment)))
    } catch {
      problem(number, "\(file) does not say when it begins: \(error)")
    }
  }

  /// The path of a file that a playlist names, which must be an asset of the lesson; `nil` also for one to compare
  /// nothing with.
  private mutating func file(_ name: String, _ number: Int) -> String? {
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    let file = folder + "/" + name
    if unsound.contains(file) { return nil }
    if assets[file] != nil { return file }
    problem(number, "it names '\(name)', which is not there")
    return nil
  }

  /// A day in seconds: no segment is longer, and so no sum of them is more than a number can hold.
  private static let longest = 86_400.0
  /// No file is larger, and so no sum of what a range can say overflows.
  private static let largest = 1 << 50

  /// `SIZE@OFFSET`.
  private func byteRange(_ text: Substring) -> (size: Int, offset: Int)? {
    let parts = text.split(separator: "@")
    let possible = 0...PlaylistChecking.largest
    guard parts.count == 2, let size = Int(parts[0]), let offset = Int(parts[1]), possible.contains(size),
      possible.contains(offset)
    else { return nil }
    return (size, offset)
  }

  private func attribute(_ name: String, in line: Substring) -> String? {
    guard let start = line.range(of: name + "=\"") else { return nil }
    return String(line[start.upperBound...].prefix { $0 != "\"" })
  }

  /// The four letters of the box at an offset (ISO/IEC 14496-12, 4.2).
  private func boxType(_ file: String, at offset: Int) -> String? {
    boxHead(file, at: offset).flatMap { String(bytes: $0.suffix(4), encoding: .isoLatin1) }
  }

  private func boxSize(_ file: String, at offset: Int) -> Int? {
    boxHead(file, at: offset).map { $0.prefix(4).reduce(0) { $0 << 8 | Int($1) } }
  }

  private func boxHead(_ file: String, at offset: Int) -> Data? {
    guard let handle = FileHandle(forReadingAtPath: bag + "/" + file) else { return nil }
    defer { handle.closeFile() }
    handle.seek(toFileOffset: UInt64(clamping: offset))
    let head = handle.readData(ofLength: 8)
    return head.count == 8 ? head : nil
  }
}
