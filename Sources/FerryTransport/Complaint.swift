internal import FerryCore

/// What a program said on standard error, turned into one diagnostic.
enum Complaint {
  /// What programs say, and what a person does about it; the first that is found counts.
  private static let known: [(words: String, hint: String)] = [
    (
      "REMOTE HOST IDENTIFICATION HAS CHANGED",
      "ask the partner whether the host's key was changed, and only then put the new one into known_hosts"
    ),
    (
      "Host key verification failed",
      "ask the partner for the host's key and put it into known_hosts, or connect once by hand and compare it"
    ),
    ("host key is known for", "ask the partner for the host's key and put it into known_hosts"),
    (
      "Permission denied (",
      "the server takes none of your keys: see IdentityFile and User in ~/.ssh/config or --ssh-config"
    ),
    (
      "auth failed on module",
      "put the module's password into the environment as RSYNC_PASSWORD, or name the user in the target"
    ),
    ("Unknown module", "ask the partner for the module's name: rsync://HOST/MODULE/PATH"),
    ("didn't find section in config file", "'rclone listremotes' lists the remotes; 'rclone config' makes one"),
    ("unable to decrypt configuration", "put the configuration's password into the environment as RCLONE_CONFIG_PASS"),
    ("401 Unauthorized", "set the remote's user and password with 'rclone config'"),
    ("Could not resolve hostname", "check the host's name"),
    ("Name or service not known", "check the host's name"),
    ("Connection refused", "nothing answers there: check host and port, or ask the partner whether the server is up"),
    (
      "connection refused",
      "nothing answers there: check the remote's address, or ask the partner whether the server is up"
    ),
    ("read only", "ask the partner for the right to write there"),
    ("Permission denied", "ask the partner for the right to write there"),
    ("permission denied", "ask the partner for the right to write there"),
    ("No space left", "ask the partner for space; running it again goes on from here"),
    ("quota", "ask the partner for space; running it again goes on from here"),
    ("unknown option", "ferry needs rsync 3.2.3 or newer at both ends"),
    ("Bad configuration option", "mend the file that --ssh-config names, or ~/.ssh/config"),
  ]

  /// Lines that only repeat that something went wrong, or mean that nothing did.
  private static func isNoise(_ line: String) -> Bool {
    line.isEmpty || line.hasPrefix("rsync error: ") || line.hasPrefix("rsync: connection unexpectedly closed")
      || line.hasPrefix("Connection closed") || line.hasPrefix("Connected to ")
      || line.hasPrefix("remote mkdir ") && line.hasSuffix(": Failure")
      || line.hasPrefix("rsync: [Receiver] read error") || line.hasPrefix("rsync: [sender] read error")
      || line.hasPrefix("lost connection") || line.allSatisfy { $0 == "@" }
  }

  /// A diagnostic of what the program was doing, to what, and its most telling line.
  static func diagnostic(_ ending: Tool.Ending, _ tool: Tool, _ action: String, file: String? = nil) -> Diagnostic {
    let lines = ending.complaints.filter { !isNoise($0) }
    var line = lines.last ?? ending.complaints.last
    var hint = "running it again goes on from here"
    for (words, remedy) in known {
      guard let found = lines.last(where: { $0.contains(words) }) else { continue }
      (line, hint) = (found, remedy)
      break
    }
    let said = line.map { ": \($0.prefix(300))" } ?? ""
    let place = file.map { "\(tool.target)/\($0)" } ?? "\(tool.target)"
    return Diagnostic(
      "deliver.transport", at: Place(place),
      "\(action) failed; \(tool.name.rawValue) ended with \(ending.code)\(said)", hint: hint)
  }

  /// A line without anything that steers a terminal, and without a password that a URL in it holds.
  static func harmless(_ line: String) -> String {
    var text = ""
    for scalar in line.unicodeScalars {
      let isBidi = (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
      if scalar.value < 0x20 && scalar != "\t" || (0x7F...0x9F).contains(scalar.value) || isBidi {
        // The end of a line from Windows, or of what ssh prints to a raw terminal.
        if scalar != "\r" { text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}" }
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text.replacing(/(:\/\/[^\/\s:@]*):[^\/\s]*@/) { "\($0.1):…@" }
  }
}
