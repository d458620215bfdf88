import FerryCore
import Testing

@Suite struct DeliveryTargetTests {
  @Test(arguments: [
    ("sftp://partner.example.org/in", DeliveryTarget.sftp(.init(host: "partner.example.org", path: "/in"))),
    ("SFTP://a@h:2222/~/in/", .sftp(.init(user: "a", host: "h", port: 2222, path: "/~/in"))),
    ("sftp://me%40org@[::1]:22/a%20b/课程", .sftp(.init(user: "me@org", host: "::1", port: 22, path: "/a b/课程"))),
    ("rsync://u@h/module/x", .rsync(.init(user: "u", host: "h", path: "/module/x"))),
    ("rsync+ssh://h/x y", .rsyncOverSSH(.init(host: "h", path: "/x y"))),
    ("rclone:box:in/tray/", .rclone(remote: "box", path: "in/tray")), ("rclone:box:", .rclone(remote: "box", path: "")),
    ("/mnt/partner", .folder("/mnt/partner")), ("./a:b", .folder("./a:b")), ("drop", .folder("drop")),
  ])
  func reads(text: String, target: DeliveryTarget) throws {
    #expect(try DeliveryTarget(text) == target)
  }

  @Test(arguments: [
    ("", "it is empty"), ("ftp://h/x", "'ftp://' is nothing that ferry can reach"),
    ("sftp://u:secret@h/x", "a password does not belong"), ("sftp://u:se/cr@et@h/x", "a password does not belong"),
    ("rsync://u:secret@h/m", "a password does not belong"), ("sftp:///x", "it has no host"),
    ("sftp://-oProxyCommand=x/y", "it has no host"), ("sftp://-l@h/x", "the user's name"),
    ("sftp://h:0/x", "a port is"), ("sftp://h:99999/x", "a port is"), ("sftp://h", "it names no folder"),
    ("rsync://h/", "it names no module"), ("rsync://h/m/[a]", "for a pattern"), ("rsync+ssh://h/*", "for a pattern"),
    ("sftp://h/%zz", "no two hexadecimal digits"), ("sftp://h/%FF", "it is not UTF-8"),
    ("sftp://h/a%0Ab", "a control character"), ("rclone:x", "it names no remote"),
    ("rclone::webdav,pass=secret:x", "it names no remote"), ("rclone:box,pass=secret:x", "it names no remote"),
    ("rclone:-x:y", "it names no remote"), ("me@host:/srv/x", "as scp has before a path"), ("a:b", "it has a colon"),
  ])
  func refuses(text: String, message: String) {
    do {
      let target = try DeliveryTarget(text)
      Issue.record("\(target)")
    } catch {
      #expect(error.message.contains(message))
      #expect(!"\(error.message)\(error.hint)".contains("secret"))
      #expect(!error.hint.isEmpty)
    }
  }

  @Test func saysWhatItIsWithoutAnySecret() throws {
    for text in [
      "sftp://u@[::1]:22/x", "rsync://h/m/x", "rsync+ssh://u@h/~/x", "rclone:box:in", "/mnt/x", "sftp://h/100%25",
    ] {
      #expect("\(try DeliveryTarget(text))" == text)
    }
  }
}
