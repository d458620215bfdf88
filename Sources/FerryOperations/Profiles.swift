package import FerryCore

/// Lists the built-in profiles, by name.
package struct ListProfiles: Operation {
  package init() {}

  package func perform(in office: Office) async throws(Refusal) -> Reply<[Profile]> {
    Reply(Profile.builtIn.values.sorted { $0.name < $1.name })
  }
}

/// Reads a profile: a built-in one by its name, or a file, which is checked.
package struct ReadProfile: Operation {
  /// A name, or a file's path.
  package var profile: String

  package init(_ profile: String) { self.profile = profile }

  package func perform(in office: Office) async throws(Refusal) -> Reply<Profile> {
    if let known = Profile.builtIn[profile] { return Reply(known, problems: known.warnings) }
    let read = try office.refusing { try JobFile.profile(profile) }
    return Reply(read, problems: read.warnings)
  }
}
