internal import FerryCore

/// How every OpenSSH program is started.
struct SSHOptions: Sendable {
  let place: NetworkPlace
  /// A configuration instead of the user's own.
  let configuration: String?

  /// Never asks anything, and gives up on a line that is dead; what the user's configuration says else, holds.
  ///
  /// A connection that it shares may be used but not begun: its process would live on with our pipes in its hands.
  var arguments: [String] {
    (configuration.map { ["-F", $0] } ?? [])
      + [
        "BatchMode=yes", "ConnectTimeout=20", "ConnectionAttempts=1", "ServerAliveInterval=15", "ServerAliveCountMax=4",
        "ControlMaster=no", "LogLevel=ERROR",
      ]
      .flatMap { ["-o", $0] } + (place.user.map { ["-o", "User=\($0)"] } ?? [])
      + (place.port.map { ["-o", "Port=\($0)"] } ?? [])
  }

  /// The folder as SFTP and a remote shell know it: absolute, or relative to the home folder.
  var folder: String {
    if place.path == "/~" { return "." }
    if place.path.hasPrefix("/~/") { return "./" + place.path.dropFirst(3) }
    return place.path
  }
}
