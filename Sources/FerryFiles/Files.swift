package import FerryCore
internal import Foundation

/// Files written whole or not at all; every failure is a `Refusal` that names the file.
package enum Files {
  /// No ticket, signature, receipt or list of defects is larger.
  package static let longestSmallFile = 16 << 20

  package static func failed(_ call: String, _ path: String, _ code: Int32 = errno) -> Refusal {
    Refusal(
      code == ENOSPC || code == EDQUOT ? .noSpace : .tryLater, "exchange.failed", at: Place(path),
      "\(call) failed: \(String(cString: strerror(code)))",
      hint: "check the folder, its permissions and the free space; running it again goes on from here")
  }

  package static func tooLarge(_ path: String, _ bytes: Int) -> Refusal {
    Refusal(
      .invalid, "exchange.too-large", at: Place(path), "it has \(bytes) bytes, too many for what it is",
      hint: "ask the sender what it is")
  }

  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  package static func isFile(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The bytes of a small regular file, `nil` where there is none; a link, a device or a huge file is refused.
  package static func readSmall(_ path: String) throws(Refusal) -> [UInt8]? {
    var status = stat()
    if lstat(path, &status) != 0 {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failed("lstat", path)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Refusal(
        .invalid, "exchange.special-file", at: Place(path), "it is a link, a folder or a device, not a file",
        hint: "put the file itself in its place", fault: .special)
    }
    guard status.st_size <= longestSmallFile else { throw tooLarge(path, Int(status.st_size)) }
    do {
      return try FileBytes.read(path, followingLinks: false)
    } catch {
      throw failed("reading", path)
    }
  }

  /// Makes a folder and those above it.
  package static func makeFolder(_ path: String) throws(Refusal) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw failed("making the folder", path)
    }
  }

  /// Makes the folder `name` below `root`, which others write to as well: nothing is made or written through a link.
  package static func makePlainFolder(_ name: String, below root: String) throws(Refusal) {
    var path = root
    for part in name.split(separator: "/") {
      path += "/" + part
      if mkdir(path, 0o777) == 0 || errno == EEXIST && isFolder(path) { continue }
      guard errno == EEXIST else { throw failed("making the folder", path) }
      throw Refusal(
        .tryLater, "exchange.no-folder", at: Place(path), "it is a link or a file, and answers go into a folder",
        hint: "put a folder in its place, and run it again")
    }
  }

  /// Calls `body` with a new folder of ours, which is gone afterwards.
  package static func withScratch(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "/ferry-\(UUID().uuidString)"
    guard mkdir(folder, 0o700) == 0 else { throw failed("mkdir", folder) }
    do { try await body(folder) } catch {
      try clear(folder)
      throw error
    }
    try clear(folder)
  }

  /// Removes a file or folder of ours, if it is there.
  package static func clear(_ path: String) throws(Refusal) {
    guard exists(path) else { return }
    do { try FileManager.default.removeItem(atPath: path) } catch { throw failed("removing", path) }
  }

  /// Puts `bytes` under `path` by one rename, flushed to the disk before and after.
  package static func replace(_ path: String, _ bytes: [UInt8]) throws(Refusal) {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent().path
    let scratch = folder + "/.\(url.lastPathComponent).part"
    if unlink(scratch) != 0 && errno != ENOENT { throw failed("removing", scratch) }
    try create(scratch, bytes)
    guard rename(scratch, path) == 0 else { throw failed("rename", path) }
    try flush(folder)
  }

  /// Writes a new file and flushes it.
  package static func create(_ path: String, _ bytes: [UInt8]) throws(Refusal) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw failed("creating", path) }
    defer { close(descriptor) }
    try writeAll(descriptor, bytes[...], path)
    guard fsync(descriptor) == 0 else { throw failed("fsync", path) }
  }

  package static func writeAll(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>, _ path: String) throws(Refusal) {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw failed("writing", path)
      }
      rest = rest.dropFirst(count)
    }
  }

  package static func flush(_ folder: String) throws(Refusal) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failed("opening", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failed("fsync", folder) }
  }

  /// `FICLONE` of linux/fs.h: the copy shares the blocks, where the file system can do that.
  private static let clone: UInt = 0x4004_9409

  /// Copies a regular file to a new name, sharing its blocks where that is possible; links are not followed.
  package static func copy(_ source: String, to path: String) throws(Refusal) {
    let input = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard input >= 0 else { throw failed("opening", source) }
    defer { close(input) }
    var status = stat()
    guard fstat(input, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw failed("fstat", source) }
    let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard output >= 0 else { throw failed("creating", path) }
    defer { close(output) }
    if ioctl(output, clone, input) == 0 { return }
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { block.deallocate() }
    while true {
      let count = read(input, block.baseAddress, block.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failed("reading", source) }
      if count == 0 { return }
      try writeAll(output, Array(block[..<count])[...], path)
    }
  }

  /// Gives a file of the store a second name in the store; where names cannot be shared it is copied.
  package static func share(_ source: String, as path: String) throws(Refusal) {
    if link(source, path) == 0 { return }
    try copy(source, to: path)
  }

  /// Names of what is in a folder; what is no UTF-8 in them is replaced, so that nothing has such a name.
  package static func names(in folder: String) throws(Refusal) -> [String] {
    guard let handle = opendir(folder) else { throw failed("opening", folder) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      names.append(String(decoding: bytes, as: UTF8.self))
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  /// How much there is below a folder, whatever its names are and whatever cannot be looked at: no link is followed.
  package struct Weight: Hashable {
    package var bytes = 0
    package var files = 0
  }

  package static func weight(of folder: String) -> Weight {
    var weight = Weight()
    var waiting = [Array(folder.utf8CString.dropLast())]
    while let path = waiting.popLast() {
      guard let handle = opendir(path + [0]) else { continue }
      defer { closedir(handle) }
      while let entry = readdir(handle) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map(CChar.init(bitPattern:)) }
        if name == [0x2E] || name == [0x2E, 0x2E] { continue }
        let child = path + [0x2F] + name
        var status = stat()
        guard lstat(child + [0], &status) == 0 else { continue }
        if status.st_mode & S_IFMT == S_IFDIR {
          waiting.append(child)
        } else {
          weight.files += 1
          weight.bytes = [weight.bytes, Int(status.st_size)].saturatedSum
        }
      }
    }
    return weight
  }

  /// Regular files below `folder`, relative to it and sorted; anything that is neither file nor folder is refused.
  package static func list(_ folder: String) throws(Refusal) -> [String] {
    guard let handle = opendir(folder) else { throw failed("opening", folder) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      var status = stat()
      guard lstat(folder + "/" + name, &status) == 0 else { throw failed("lstat", folder + "/" + name) }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: names += try list(folder + "/" + name).map { name + "/" + $0 }
      case S_IFREG: names.append(name)
      default:
        throw Refusal(
          .invalid, "exchange.special-file", at: Place(folder + "/" + name),
          "it is a link or a device, which is refused",
          hint: "put the file itself in its place", fault: .special)
      }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
