internal import FerryCore

/// What the bytes of a container tell that FFmpeg does not: that it is protected, or that a second file follows.
struct ContainerLook: Equatable {
  var protection: Protection?
  /// Where a second file begins that was joined to the first, in containers of which only the first is read.
  var joined: Int?

  init(protection: Protection? = nil, joined: Int? = nil) {
    self.protection = protection
    self.joined = joined
  }

  /// Looks at heads and at a few stretches; a file that cannot be read, or is of another kind, tells nothing.
  static func at(_ path: String) -> ContainerLook {
    guard let file = FileBytes.open(path) else { return ContainerLook() }
    let head = file.read(at: 0, 4096)
    switch head.prefix(4) {
    case [0x1A, 0x45, 0xDF, 0xA3]: return matroska(file)
    case [0x52, 0x49, 0x46, 0x46]: return ContainerLook(joined: secondRIFF(file))
    case [0x30, 0x26, 0xB2, 0x75]: return windowsMedia(file)
    case [0, 0, 1, 0xBA]: return ContainerLook(protection: Scrambling.ofProgramStream(file))
    default: break
    }
    let box = head.dropFirst(4).prefix(4).printable ?? ""
    if ["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot", "styp"].contains(box) { return boxes(file) }
    return ContainerLook(protection: Scrambling.ofTransportStream(file, head))
  }
}

extension ContainerLook {
  private static func name(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func boxes(_ file: borrowing FileBytes) -> ContainerLook {
    let top = file.parts(.boxes)
    let heads = top.filter { $0.name == name("ftyp") }
    let movies = top.filter { $0.name == name("moov") }
    // Of a second movie only fragments are read, and not even those where their times are the first one's.
    let joined = movies.dropFirst().first.flatMap { second in heads.dropFirst().last { $0.start < second.start }?.start
    }
    guard let movie = movies.first else { return ContainerLook(joined: joined) }
    return ContainerLook(protection: protection(of: movie, top, file), joined: joined)
  }

  /// Sample entries whose samples are encrypted; the rest of the track says how.
  private static let protected = ["encv", "enca", "enct", "encs", "encm", "drms", "drmi", "drmt", "p608", "aavd"]

  private static func protection(
    of movie: Part, _ top: [Part], _ file: borrowing FileBytes
  ) -> Protection? {
    let tables = file.parts(.boxes, in: movie.body, at: ["trak", "mdia", "minf", "stbl", "stsd"].map(name))
    var entries: [Part] = []
    for table in tables where table.body.count > 8 {
      entries += file.parts(.boxes, in: (table.body.lowerBound + 8)..<table.body.upperBound, limit: 64)
    }
    let hidden = entries.filter { protected.contains($0.name.printable ?? "") }
    guard let first = hidden.first else { return nil }
    var result = Protection(scheme: first.name.printable ?? "encrypted")
    for entry in hidden {
      let bytes = file.content(entry)
      if let scheme = field("schm", in: bytes, at: 4, 4)?.printable { result.scheme = scheme }
      if let key = field("tenc", in: bytes, at: 8, 16) { result.addKey(key.hexadecimal) }
    }
    for part in file.parts(.boxes, in: movie.body) + top where part.name == name("pssh") {
      let system = Array(file.content(part).dropFirst(4).prefix(16))
      if system.count == 16 { result.addSystem(system.hexadecimal) }
    }
    return result
  }

  /// Bytes of a box somewhere in a sample entry, whose fixed part differs between kinds and versions.
  private static func field(_ box: String, in bytes: [UInt8], at offset: Int, _ count: Int) -> [UInt8]? {
    let wanted = name(box)
    guard bytes.count >= 4,
      let at = (0...(bytes.count - 4)).first(where: { bytes[$0..<($0 + 4)].elementsEqual(wanted) })
    else { return nil }
    let found = Array(bytes.dropFirst(at + 4 + offset).prefix(count))
    return found.count == count ? found : nil
  }

  private static func matroska(_ file: borrowing FileBytes) -> ContainerLook {
    let top = file.parts(.elements, in: 0..<file.size, limit: 100)
    var look = ContainerLook()
    guard let segment = top.first(where: { $0.name == [0x18, 0x53, 0x80, 0x67] }) else { return look }
    // Tracks come before the clusters, as a rule, and clusters of unknown length end the walk.
    let path: [[UInt8]] = [[0x16, 0x54, 0xAE, 0x6B], [0xAE], [0x6D, 0x80], [0x62, 0x40], [0x50, 0x35]]
    let encryptions = file.parts(.elements, in: segment.body, at: path)
    for encryption in encryptions {
      if look.protection == nil { look.protection = Protection(scheme: "ContentEncryption") }
      for part in file.parts(.elements, in: encryption.body, limit: 64) where part.name == [0x47, 0xE2] {
        look.protection?.addKey(file.content(part, limit: 64).hexadecimal)
      }
    }
    return look
  }

  private static func secondRIFF(_ file: borrowing FileBytes) -> Int? {
    let parts = file.parts(.chunks, in: 0..<file.size, limit: 10_000)
    guard let first = parts.first else { return nil }
    // Of AVI all parts are read, whether they continue the first or not.
    guard file.content(first, limit: 4) == name("WAVE") else { return nil }
    return parts.dropFirst().first { $0.name == name("RIFF") }?.start
  }

  private static func windowsMedia(_ file: borrowing FileBytes) -> ContainerLook {
    let parts = file.parts(.objects, in: 0..<file.size, limit: 1000)
    guard let head = parts.first else { return ContainerLook() }
    var look = ContainerLook(joined: parts.dropFirst().first { $0.name == head.name }?.start)
    let inside = (head.body.lowerBound + 6)..<max(head.body.lowerBound + 6, head.body.upperBound)
    for part in file.parts(.objects, in: inside, limit: 1000) {
      guard let scheme = windowsSchemes[part.name.hexadecimal] else { continue }
      if look.protection == nil { look.protection = Protection(scheme: scheme) }
      if let key = windowsKey(file.content(part)) { look.protection?.addKey(key) }
    }
    return look
  }

  /// The three encryption objects of ASF's header.
  private static let windowsSchemes = [
    "fbb3112223bdd211b4b700a0c955fc6e": "Windows Media DRM",
    "14e68a292226174cb935dae07ee9289c": "Windows Media DRM (extended)",
    "338505438169e6499b74ad12cb86d58c": "Windows Media DRM (advanced)",
  ]

  /// The third of four fields that begin with their lengths: secret, kind, key, licence.
  private static func windowsKey(_ bytes: [UInt8]) -> String? {
    var rest = bytes[...]
    for number in 0..<3 {
      guard let count = rest.littleEndian(4), count <= rest.count - 4 else { return nil }
      rest = rest.dropFirst(4)
      if number == 2 { return rest.prefix(count).prefix { $0 != 0 }.printable }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}
