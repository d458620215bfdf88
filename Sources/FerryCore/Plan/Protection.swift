/// That a file's content is encrypted, and what the file says of how.
package struct Protection: Hashable, Sendable, Codable {
  /// `cenc`, `cbcs`, `Windows Media DRM`, …
  package var scheme: String
  /// Whose keys open it: names of the systems that are known, else their numbers.
  package private(set) var systems: [String] = []
  package private(set) var keys: [String] = []

  package init(scheme: String) { self.scheme = scheme }

  /// A file may name as many as it likes; a person reads a few.
  private static let most = 4

  package mutating func addSystem(_ system: String) {
    let name = Protection.known[system] ?? system
    if systems.count < Protection.most, !systems.contains(name) { systems.append(name) }
  }

  package mutating func addKey(_ key: String) {
    if keys.count < Protection.most, !keys.contains(key) { keys.append(key) }
  }

  /// What is known of it, in words.
  package var words: String {
    let opened = systems.isEmpty ? nil : "for " + systems.joined(separator: ", ")
    let locked = keys.isEmpty ? nil : "key " + keys.joined(separator: ", ")
    return [scheme, opened, locked].compactMap { $0 }.joined(separator: ", ")
  }

  /// DASH-IF's register of protection systems.
  private static let known = [
    "edef8ba979d64acea3c827dcd51d21ed": "Widevine",
    "9a04f07998404286ab92e65be0885f95": "PlayReady",
    "94ce86fb07ff4f43adb893d2fa968ca2": "FairPlay",
    "1077efecc0b24d02ace33c1e52e2fb4b": "W3C Clear Key",
    "5e629af538da4063897797ffbd9902d4": "Marlin",
    "f239e769efa348509c16a903c6932efb": "Primetime",
  ]
}
