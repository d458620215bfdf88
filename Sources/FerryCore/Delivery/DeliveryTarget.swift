/// Where packages are delivered to: a folder here, or a place that another program reaches.
package enum DeliveryTarget: Hashable, Sendable {
  case folder(String)
  case sftp(NetworkPlace)
  /// An rsync daemon; the path begins with the module's name.
  case rsync(NetworkPlace)
  case rsyncOverSSH(NetworkPlace)
  /// A remote of rclone's own configuration.
  case rclone(remote: String, path: String)
}

/// A folder on another machine.
package struct NetworkPlace: Hashable, Sendable {
  package var user: String?
  /// A name or an address; one of IPv6 without its brackets.
  package var host: String
  package var port: Int?
  /// Begins with a slash; `/~/` is the home folder of whoever logs in.
  package var path: String

  package init(user: String? = nil, host: String, port: Int? = nil, path: String) {
    (self.user, self.host, self.port, self.path) = (user, host, port, path)
  }

  /// As a program takes it, the path as it is.
  package var address: String {
    (user.map { $0 + "@" } ?? "") + bracketedHost + (port.map { ":\($0)" } ?? "") + path
  }

  /// The host as a URL writes it.
  package var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }
}

extension DeliveryTarget {
  /// What is wrong with a target that was written, and what to write instead; it never repeats what was written.
  package struct Flaw: Error, Hashable, Sendable {
    package var message: String
    package var hint: String
  }

  fileprivate enum Scheme: String, CaseIterable {
    case sftp, rsync
    case rsyncOverSSH = "rsync+ssh"

    /// Where its passwords belong.
    var secretHint: String {
      switch self {
      case .sftp, .rsyncOverSSH: "use a key: an agent, or IdentityFile in ~/.ssh/config or in --ssh-config"
      case .rsync: "put it into the environment as RSYNC_PASSWORD"
      }
    }
  }

  /// Reads what a person wrote: `sftp://…`, `rsync://…`, `rsync+ssh://…`, `rclone:REMOTE:PATH`, or else a path.
  package init(_ text: String) throws(Flaw) {
    if text.isEmpty { throw Flaw(message: "it is empty", hint: Flaw.forms) }
    if text.hasPrefix("rclone:") {
      self = try .ofRclone(String(text.dropFirst("rclone:".count)))
      return
    }
    guard let match = text.wholeMatch(of: /([A-Za-z][A-Za-z0-9+.\-]*):\/\/(.*)/.dotMatchesNewlines()) else {
      // As scp writes a server; a folder of such a name would be made here without a word.
      if text.prefix(while: { $0 != "/" }).contains(":") {
        throw Flaw(message: "it has a colon, as scp has before a path", hint: Flaw.forms + "; './a:b' is a folder here")
      }
      self = .folder(text)
      return
    }
    guard let scheme = Scheme(rawValue: match.1.lowercased()) else {
      throw Flaw(message: "'\(match.1)://' is nothing that ferry can reach", hint: Flaw.forms)
    }
    let place = try NetworkPlace(String(match.2), scheme)
    switch scheme {
    case .sftp: self = .sftp(place)
    case .rsync:
      guard place.path.contains(where: { $0 != "/" }) else {
        throw Flaw(message: "it names no module", hint: "write rsync://HOST/MODULE/PATH")
      }
      self = .rsync(place)
    case .rsyncOverSSH: self = .rsyncOverSSH(place)
    }
  }

  private static func ofRclone(_ text: String) throws(Flaw) -> DeliveryTarget {
    guard let match = text.wholeMatch(of: /([A-Za-z0-9_.][A-Za-z0-9_. +@\-]*):(.*)/.dotMatchesNewlines()) else {
      throw Flaw(
        message: "it names no remote of rclone's configuration",
        hint: "write rclone:REMOTE:PATH, where 'rclone listremotes' lists REMOTE; settings and passwords stay in its "
          + "configuration ('rclone config', RCLONE_CONFIG)")
    }
    let path = String(match.2)
    try Flaw.refuseControls(path)
    return .rclone(remote: String(match.1), path: path.droppingLastSlashes)
  }
}

extension NetworkPlace {
  fileprivate init(_ text: String, _ scheme: DeliveryTarget.Scheme) throws(DeliveryTarget.Flaw) {
    let end = text.firstIndex(of: "/") ?? text.endIndex
    // A password may hold an '@' itself, or even a slash.
    if let at = text.lastIndex(of: "@"), text[..<at].contains(":") {
      throw .init(
        message: "a password does not belong into a target, where every user sees it", hint: scheme.secretHint)
    }
    var authority = text[..<end]
    if let at = authority.lastIndex(of: "@") {
      let name = try Self.decoded(authority[..<at])
      // An option of the program that is started must not be smuggled in, nor a second host.
      let shape = scheme == .rsync ? /[A-Za-z0-9._+$][A-Za-z0-9._+$\-]*/ : /[A-Za-z0-9._+$@][A-Za-z0-9._+$@\-]*/
      guard name.wholeMatch(of: shape) != nil else {
        throw .init(
          message: "the user's name has a character that none has", hint: "write \(scheme.rawValue)://USER@HOST/PATH")
      }
      user = name
      authority = authority[authority.index(after: at)...]
    }
    guard
      let match = authority.wholeMatch(of: /(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_][A-Za-z0-9._\-]*))(?::([0-9]{1,5}))?/),
      let name = match.1 ?? match.2
    else {
      throw .init(
        message: "it has no host that can be read", hint: "write \(scheme.rawValue)://[USER@]HOST[:PORT]/PATH")
    }
    host = String(name)
    if let digits = match.3 {
      guard let number = Int(digits), (1...65535).contains(number) else {
        throw .init(message: "a port is a number from 1 to 65535", hint: "leave it out for the usual one")
      }
      port = number
    }
    let path = try Self.decoded(text[end...])
    if path.isEmpty {
      throw .init(
        message: "it names no folder",
        hint: "write \(scheme.rawValue)://HOST/PATH, or /~/PATH below the home folder there")
    }
    if scheme != .sftp, path.contains(where: { "*?[]\\".contains($0) }) {
      throw .init(message: "rsync would take *, ?, [, ] or \\ in its path for a pattern", hint: "name another folder")
    }
    try DeliveryTarget.Flaw.refuseControls(path)
    self.path = path.count > 1 ? "/" + path.dropFirst().droppingLastSlashes : path
  }

  private static func decoded(_ text: Substring) throws(DeliveryTarget.Flaw) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        throw .init(message: "a '%' in it is followed by no two hexadecimal digits", hint: "write %25 for a '%'")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw .init(message: "it is not UTF-8", hint: "write the path's own characters, or %XX for each byte of UTF-8")
    }
    return decoded
  }
}

extension DeliveryTarget.Flaw {
  fileprivate static let forms =
    "write a folder, sftp://HOST/PATH, rsync://HOST/MODULE/PATH, rsync+ssh://HOST/PATH or rclone:REMOTE:PATH"

  fileprivate static func refuseControls(_ path: String) throws(DeliveryTarget.Flaw) {
    if path.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
      throw .init(message: "its path holds a control character", hint: "name another folder")
    }
  }
}

extension StringProtocol {
  fileprivate var droppingLastSlashes: String { String(reversed().drop { $0 == "/" }.reversed()) }
}

extension DeliveryTarget: CustomStringConvertible {
  /// As a person writes it, so that it can be read again; nothing in it is secret.
  package var description: String {
    switch self {
    case .folder(let path): path
    case .sftp(let place): "sftp://\(place)"
    case .rsync(let place): "rsync://\(place)"
    case .rsyncOverSSH(let place): "rsync+ssh://\(place)"
    case .rclone(let remote, let path): "rclone:\(remote):\(path)"
    }
  }
}

extension NetworkPlace: CustomStringConvertible {
  package var description: String { address.replacing("%", with: "%25") }
}
