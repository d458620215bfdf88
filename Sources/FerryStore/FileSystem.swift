internal import Foundation

/// The type of file system that holds a folder, as far as file locks are concerned.
package struct FileSystem: Hashable, Sendable {
  /// As mount(8) names it: `ext4`, `nfs4`, `fuse.sshfs`.
  package var type: String

  package init(type: String) { self.type = type }

  /// Types that other hosts may write too, so that a lock here keeps nobody out there.
  private static let shared: Set = [
    "9p", "acfs", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs",
    "nfs4",
    "ocfs2", "panfs", "prl_fs", "pvfs2", "smb3", "smbfs", "vboxsf", "virtiofs",
  ]
  /// What FUSE carries may be anywhere, but for these: a local disk's or a container's own layers.
  private static let localFUSE: Set = ["fuse.bindfs", "fuse.encfs", "fuse.fuse-overlayfs", "fuse.gocryptfs"]

  package var isShared: Bool {
    if type == "fuse" || type.hasPrefix("fuse.") { return !Self.localFUSE.contains(type) }
    return Self.shared.contains(type)
  }

  /// The file system of a folder that exists.
  package static func holding(_ folder: String) throws(StoreError) -> FileSystem {
    guard let real = realpath(folder, nil) else {
      throw .notWritable(path: folder, reason: String(cString: strerror(errno)))
    }
    defer { free(real) }
    let file = "/proc/self/mountinfo"
    let mounts = try Store.translating(file) { try String(contentsOfFile: file, encoding: .utf8) }
    guard let type = type(of: String(cString: real), in: mounts) else {
      throw .failed(path: file, detail: "no mount there holds \(folder)")
    }
    return FileSystem(type: type)
  }

  /// The type of the mount that holds an absolute path, from the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)):
  /// of the mount points above it the lowest, and of those at one place the last, which hides the others.
  package static func type(of path: String, in mounts: String) -> String? {
    var best: (length: Int, type: String)?
    for line in mounts.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 4, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { continue }
      let point = unescaped(words[4])
      guard point == "/" || path == point || path.hasPrefix(point + "/") else { continue }
      if point.utf8.count >= best?.length ?? 0 { best = (point.utf8.count, String(words[dash + 1])) }
    }
    return best?.type
  }

  /// Blanks and backslashes of a mount point are written in octal: `\040`.
  private static func unescaped(_ text: Substring) -> String {
    var parts = text.split(separator: "\\", omittingEmptySubsequences: false)
    let first = parts.removeFirst()
    return parts.reduce(into: String(first)) { result, part in
      if let code = UInt8(part.prefix(3), radix: 8) {
        result.unicodeScalars.append(Unicode.Scalar(code))
        result += part.dropFirst(3)
      } else {
        result += "\\" + part
      }
    }
  }
}
