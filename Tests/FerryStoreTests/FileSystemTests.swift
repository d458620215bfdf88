import FerryStore
import Foundation
import Testing

struct FileSystemTests {
  private static let mounts = #"""
    22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
    30 22 0:25 / /home rw shared:2 - autofs systemd-1 rw,fd=41
    31 30 0:44 / /home rw,relatime shared:3 - nfs4 server:/home rw,vers=4.2
    32 22 0:45 / /mnt/my\040films rw - fuse.sshfs films@host:/ rw,user_id=0
    33 31 8:1 / /home/li/local rw master:7 - btrfs /dev/sda1 rw
    34 22 0:46 / /homes rw - cifs //server/homes rw
    35 22 0:47 / /media/stick rw - fuseblk /dev/sdb1 rw
    36 22 0:48 / /lost
    """#

  @Test(arguments: [
    ("/", "ext4", false), ("/var/lib/ferry", "ext4", false), ("/home", "nfs4", true), ("/home/li", "nfs4", true),
    ("/home/li/local", "btrfs", false), ("/home/li/local/ferry", "btrfs", false), ("/home/li/locals", "nfs4", true),
    ("/homes/li", "cifs", true), ("/mnt/my films/ferry", "fuse.sshfs", true), ("/mnt/my", "ext4", false),
    ("/media/stick", "fuseblk", false), ("/lost", "ext4", false),
  ])
  func theLowestMountHoldsAFolder(_ path: String, _ type: String, _ isShared: Bool) throws {
    let found = try #require(FileSystem.type(of: path, in: Self.mounts))
    #expect(found == type)
    #expect(FileSystem(type: found).isShared == isShared)
  }

  @Test(arguments: ["nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "lustre", "fuse.sshfs", "fuse.rclone", "fuse", "afs"])
  func sharesAreRefused(_ type: String) { #expect(FileSystem(type: type).isShared) }

  @Test(arguments: ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs", "f2fs", "fuseblk", "fuse.fuse-overlayfs"])
  func disksAreTaken(_ type: String) { #expect(!FileSystem(type: type).isShared) }

  @Test func realFoldersAreFound() throws {
    #expect(try FileSystem.holding("/proc").type == "proc")
    #expect(try FileSystem.holding("/proc/self").type == "proc")
    let type = try FileSystem.holding(FileManager.default.temporaryDirectory.path).type
    #expect(!type.isEmpty)
  }

  @Test func theQueueSaysWhyItCannotLiveThere() throws {
    let desk = try Desk()
    let said = diagnostic {
      _ = try Store.open(desk.file) { _ throws(StoreError) in FileSystem(type: "nfs4") }
    }
    #expect(
      said == """
        \(desk.file): error: the queue cannot live on a file system of the type nfs4: other hosts may write it, and \
        locks do not keep them out
          hint: give a folder on a local disk with --home; packages may still go to the share with --out
        """)
    #expect(!FileManager.default.fileExists(atPath: desk.file), "nothing was made there")
  }
}
